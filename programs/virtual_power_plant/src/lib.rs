#![allow(unused_imports)]
#![allow(unused_variables)]
#![allow(unused_mut)]

pub mod dot;

use anchor_lang::prelude::*;
use anchor_spl::{
    associated_token::{self, AssociatedToken},
    token::{self, Mint, Token, TokenAccount},
};

use dot::program::*;
use std::{cell::RefCell, rc::Rc};

declare_id!("EdMJrMqCN2onj6y8r5fq1NtCPy3S4X2oNYcrbo79mci1");

pub mod seahorse_util {
    use super::*;
    use std::{
        fmt::Debug,
        ops::{Deref, Index, IndexMut},
    };

    pub struct Mutable<T>(Rc<RefCell<T>>);

    impl<T> Mutable<T> {
        pub fn new(obj: T) -> Self {
            Self(Rc::new(RefCell::new(obj)))
        }
    }

    impl<T> Clone for Mutable<T> {
        fn clone(&self) -> Self {
            Self(self.0.clone())
        }
    }

    impl<T> Deref for Mutable<T> {
        type Target = Rc<RefCell<T>>;

        fn deref(&self) -> &Self::Target {
            &self.0
        }
    }

    impl<T: Debug> Debug for Mutable<T> {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            write!(f, "{:?}", self.0)
        }
    }

    impl<T: Default> Default for Mutable<T> {
        fn default() -> Self {
            Self::new(T::default())
        }
    }

    pub trait IndexWrapped {
        type Output;

        fn index_wrapped(&self, index: i128) -> &Self::Output;
    }

    pub trait IndexWrappedMut: IndexWrapped {
        fn index_wrapped_mut(&mut self, index: i128) -> &mut <Self as IndexWrapped>::Output;
    }

    impl<T> IndexWrapped for Vec<T> {
        type Output = T;

        fn index_wrapped(&self, mut index: i128) -> &Self::Output {
            if index < 0 {
                index += self.len() as i128;
            }

            let index: usize = index.try_into().unwrap();

            self.index(index)
        }
    }

    impl<T> IndexWrappedMut for Vec<T> {
        fn index_wrapped_mut(&mut self, mut index: i128) -> &mut <Self as IndexWrapped>::Output {
            if index < 0 {
                index += self.len() as i128;
            }

            let index: usize = index.try_into().unwrap();

            self.index_mut(index)
        }
    }

    impl<T, const N: usize> IndexWrapped for [T; N] {
        type Output = T;

        fn index_wrapped(&self, mut index: i128) -> &Self::Output {
            if index < 0 {
                index += N as i128;
            }

            let index: usize = index.try_into().unwrap();

            self.index(index)
        }
    }

    impl<T, const N: usize> IndexWrappedMut for [T; N] {
        fn index_wrapped_mut(&mut self, mut index: i128) -> &mut <Self as IndexWrapped>::Output {
            if index < 0 {
                index += N as i128;
            }

            let index: usize = index.try_into().unwrap();

            self.index_mut(index)
        }
    }

    #[derive(Clone)]
    pub struct Empty<T: Clone> {
        pub account: T,
        pub bump: Option<u8>,
    }

    #[derive(Clone, Debug)]
    pub struct ProgramsMap<'info>(pub Vec<(&'static str, AccountInfo<'info>)>);

    impl<'info> ProgramsMap<'info> {
        pub fn get(&self, name: &'static str) -> AccountInfo<'info> {
            let (_, program) = self.0.iter().find(|(known, _)| *known == name).unwrap();

            program.clone()
        }
    }

    #[derive(Clone, Debug)]
    pub struct WithPrograms<'info, 'entrypoint, A> {
        pub account: &'entrypoint A,
        pub programs: &'entrypoint ProgramsMap<'info>,
    }

    impl<'info, 'entrypoint, A> Deref for WithPrograms<'info, 'entrypoint, A> {
        type Target = A;

        fn deref(&self) -> &Self::Target {
            &self.account
        }
    }

    pub type SeahorseAccount<'info, 'entrypoint, A> =
        WithPrograms<'info, 'entrypoint, Box<Account<'info, A>>>;

    pub type SeahorseSigner<'info, 'entrypoint> = WithPrograms<'info, 'entrypoint, Signer<'info>>;

    #[derive(Clone, Debug)]
    pub struct CpiAccount<'info> {
        #[doc = "CHECK: CpiAccounts temporarily store AccountInfos."]
        pub account_info: AccountInfo<'info>,
        pub is_writable: bool,
        pub is_signer: bool,
        pub seeds: Option<Vec<Vec<u8>>>,
    }

    #[macro_export]
    macro_rules! seahorse_const {
        ($ name : ident , $ value : expr) => {
            macro_rules! $name {
                () => {
                    $value
                };
            }

            pub(crate) use $name;
        };
    }

    pub trait Loadable {
        type Loaded;

        fn load(stored: Self) -> Self::Loaded;

        fn store(loaded: Self::Loaded) -> Self;
    }

    macro_rules! Loaded {
        ($ name : ty) => {
            <$name as Loadable>::Loaded
        };
    }

    pub(crate) use Loaded;

    #[macro_export]
    macro_rules! assign {
        ($ lval : expr , $ rval : expr) => {{
            let temp = $rval;

            $lval = temp;
        }};
    }

    #[macro_export]
    macro_rules! index_assign {
        ($ lval : expr , $ idx : expr , $ rval : expr) => {
            let temp_rval = $rval;
            let temp_idx = $idx;

            $lval[temp_idx] = temp_rval;
        };
    }

    #[macro_export]
    macro_rules ! store_fields { ($ account : expr , $ ($ field : ident) , *) => { { let mut loaded = $ account . borrow_mut () ; $ (let value = loaded . $ field . clone () ; loaded . __account__ . $ field = value ;) * } } }

    pub(crate) use assign;

    pub(crate) use index_assign;

    pub(crate) use seahorse_const;

    pub(crate) use store_fields;
}

#[program]
mod virtual_power_plant {
    use super::*;
    use seahorse_util::*;

    #[derive(Accounts)]
    pub struct AcceptAuthority<'info> {
        #[account()]
        pub authority: Signer<'info>,
        #[account(mut)]
        pub plant: Box<Account<'info, dot::program::Plant>>,
    }

    pub fn accept_authority(ctx: Context<AcceptAuthority>) -> Result<()> {
        let programs_map = ProgramsMap(vec![]);
        let authority = SeahorseSigner {
            account: &ctx.accounts.authority,
            programs: &programs_map,
        };

        let plant = dot::program::Plant::load(&mut ctx.accounts.plant, &programs_map);

        accept_authority_handler(authority.clone(), plant.clone());

        store_fields!(plant, authority, sequence);

        return Ok(());
    }

    #[derive(Accounts)]
    # [instruction (starts_at : i64 , ends_at : i64 , target : u64 , price : u64 , bond_price : u64 , tolerance_bps : u16)]
    pub struct Announce<'info> {
        #[account()]
        pub authority: Signer<'info>,
        #[account(mut)]
        pub plant: Box<Account<'info, dot::program::Plant>>,
        #[account(mut)]
        pub dispatch: Box<Account<'info, dot::program::Dispatch>>,
        #[account(mut)]
        pub payment_vault: Box<Account<'info, TokenAccount>>,
        #[account(mut)]
        pub source: Box<Account<'info, TokenAccount>>,
        #[account()]
        pub clock: Sysvar<'info, Clock>,
        pub token_program: Program<'info, Token>,
    }

    pub fn announce(
        ctx: Context<Announce>,
        starts_at: i64,
        ends_at: i64,
        target: u64,
        price: u64,
        bond_price: u64,
        tolerance_bps: u16,
    ) -> Result<()> {
        let programs_map = ProgramsMap(vec![(
            "token_program",
            ctx.accounts.token_program.to_account_info(),
        )]);

        let authority = SeahorseSigner {
            account: &ctx.accounts.authority,
            programs: &programs_map,
        };

        let plant = dot::program::Plant::load(&mut ctx.accounts.plant, &programs_map);
        let dispatch = dot::program::Dispatch::load(&mut ctx.accounts.dispatch, &programs_map);
        let payment_vault = SeahorseAccount {
            account: &ctx.accounts.payment_vault,
            programs: &programs_map,
        };

        let source = SeahorseAccount {
            account: &ctx.accounts.source,
            programs: &programs_map,
        };

        let clock = &ctx.accounts.clock.clone();

        announce_handler(
            authority.clone(),
            plant.clone(),
            dispatch.clone(),
            payment_vault.clone(),
            source.clone(),
            clock.clone(),
            starts_at,
            ends_at,
            target,
            price,
            bond_price,
            tolerance_bps,
        );

        store_fields!(plant, payment_held, sequence);

        store_fields!(
            dispatch,
            active,
            announcement,
            bond_price,
            bonds,
            bonds_due,
            cancelled,
            commitment_count,
            committed,
            credited,
            ends_at,
            price,
            reward,
            rewards_due,
            settled_count,
            starts_at,
            surplus,
            surplus_settled,
            target,
            tolerance_bps
        );

        return Ok(());
    }

    #[derive(Accounts)]
    pub struct CancelDispatch<'info> {
        #[account()]
        pub authority: Signer<'info>,
        #[account(mut)]
        pub plant: Box<Account<'info, dot::program::Plant>>,
        #[account(mut)]
        pub dispatch: Box<Account<'info, dot::program::Dispatch>>,
        #[account(mut)]
        pub payment_vault: Box<Account<'info, TokenAccount>>,
        #[account(mut)]
        pub destination: Box<Account<'info, TokenAccount>>,
        #[account()]
        pub clock: Sysvar<'info, Clock>,
        pub token_program: Program<'info, Token>,
    }

    pub fn cancel_dispatch(ctx: Context<CancelDispatch>) -> Result<()> {
        let programs_map = ProgramsMap(vec![(
            "token_program",
            ctx.accounts.token_program.to_account_info(),
        )]);

        let authority = SeahorseSigner {
            account: &ctx.accounts.authority,
            programs: &programs_map,
        };

        let plant = dot::program::Plant::load(&mut ctx.accounts.plant, &programs_map);
        let dispatch = dot::program::Dispatch::load(&mut ctx.accounts.dispatch, &programs_map);
        let payment_vault = SeahorseAccount {
            account: &ctx.accounts.payment_vault,
            programs: &programs_map,
        };

        let destination = SeahorseAccount {
            account: &ctx.accounts.destination,
            programs: &programs_map,
        };

        let clock = &ctx.accounts.clock.clone();

        cancel_dispatch_handler(
            authority.clone(),
            plant.clone(),
            dispatch.clone(),
            payment_vault.clone(),
            destination.clone(),
            clock.clone(),
        );

        store_fields!(plant, payment_held, sequence);

        store_fields!(dispatch, active, cancelled);

        return Ok(());
    }

    #[derive(Accounts)]
    # [instruction (amount : u64 , announcement : u64)]
    pub struct Commit<'info> {
        #[account()]
        pub owner: Signer<'info>,
        #[account(mut)]
        pub plant: Box<Account<'info, dot::program::Plant>>,
        #[account(mut)]
        pub dispatch: Box<Account<'info, dot::program::Dispatch>>,
        #[account(mut)]
        pub commitment: Box<Account<'info, dot::program::Commitment>>,
        #[account(mut)]
        pub payment_vault: Box<Account<'info, TokenAccount>>,
        #[account(mut)]
        pub source: Box<Account<'info, TokenAccount>>,
        #[account()]
        pub clock: Sysvar<'info, Clock>,
        pub token_program: Program<'info, Token>,
    }

    pub fn commit(ctx: Context<Commit>, amount: u64, announcement: u64) -> Result<()> {
        let programs_map = ProgramsMap(vec![(
            "token_program",
            ctx.accounts.token_program.to_account_info(),
        )]);

        let owner = SeahorseSigner {
            account: &ctx.accounts.owner,
            programs: &programs_map,
        };

        let plant = dot::program::Plant::load(&mut ctx.accounts.plant, &programs_map);
        let dispatch = dot::program::Dispatch::load(&mut ctx.accounts.dispatch, &programs_map);
        let commitment =
            dot::program::Commitment::load(&mut ctx.accounts.commitment, &programs_map);

        let payment_vault = SeahorseAccount {
            account: &ctx.accounts.payment_vault,
            programs: &programs_map,
        };

        let source = SeahorseAccount {
            account: &ctx.accounts.source,
            programs: &programs_map,
        };

        let clock = &ctx.accounts.clock.clone();

        commit_handler(
            owner.clone(),
            plant.clone(),
            dispatch.clone(),
            commitment.clone(),
            payment_vault.clone(),
            source.clone(),
            clock.clone(),
            amount,
            announcement,
        );

        store_fields!(plant, payment_held, sequence);

        store_fields!(dispatch, bonds, commitment_count, committed);

        store_fields!(commitment, active, amount, bond, delivered, dispatch);

        return Ok(());
    }

    #[derive(Accounts)]
    # [instruction (amount : u64)]
    pub struct Deliver<'info> {
        #[account()]
        pub owner: Signer<'info>,
        #[account(mut)]
        pub plant: Box<Account<'info, dot::program::Plant>>,
        #[account(mut)]
        pub dispatch: Box<Account<'info, dot::program::Dispatch>>,
        #[account(mut)]
        pub commitment: Box<Account<'info, dot::program::Commitment>>,
        #[account(mut)]
        pub energy_vault: Box<Account<'info, TokenAccount>>,
        #[account(mut)]
        pub source: Box<Account<'info, TokenAccount>>,
        #[account()]
        pub clock: Sysvar<'info, Clock>,
        pub token_program: Program<'info, Token>,
    }

    pub fn deliver(ctx: Context<Deliver>, amount: u64) -> Result<()> {
        let programs_map = ProgramsMap(vec![(
            "token_program",
            ctx.accounts.token_program.to_account_info(),
        )]);

        let owner = SeahorseSigner {
            account: &ctx.accounts.owner,
            programs: &programs_map,
        };

        let plant = dot::program::Plant::load(&mut ctx.accounts.plant, &programs_map);
        let dispatch = dot::program::Dispatch::load(&mut ctx.accounts.dispatch, &programs_map);
        let commitment =
            dot::program::Commitment::load(&mut ctx.accounts.commitment, &programs_map);

        let energy_vault = SeahorseAccount {
            account: &ctx.accounts.energy_vault,
            programs: &programs_map,
        };

        let source = SeahorseAccount {
            account: &ctx.accounts.source,
            programs: &programs_map,
        };

        let clock = &ctx.accounts.clock.clone();

        deliver_handler(
            owner.clone(),
            plant.clone(),
            dispatch.clone(),
            commitment.clone(),
            energy_vault.clone(),
            source.clone(),
            clock.clone(),
            amount,
        );

        store_fields!(plant, energy_held, sequence);

        store_fields!(dispatch, bonds_due, credited, rewards_due, surplus);

        store_fields!(commitment, delivered);

        return Ok(());
    }

    #[derive(Accounts)]
    pub struct Initialize<'info> {
        #[account(mut)]
        pub authority: Signer<'info>,
        #[account()]
        pub energy_mint: Box<Account<'info, Mint>>,
        #[account()]
        pub payment_mint: Box<Account<'info, Mint>>,
        # [account (init , space = std :: mem :: size_of :: < dot :: program :: Plant > () + 8 , payer = authority , seeds = ["plant" . as_bytes () . as_ref () , authority . key () . as_ref () , energy_mint . key () . as_ref () , payment_mint . key () . as_ref ()] , bump)]
        pub plant: Box<Account<'info, dot::program::Plant>>,
        # [account (init , payer = authority , seeds = ["energy_vault" . as_bytes () . as_ref () , plant . key () . as_ref ()] , bump , token :: mint = energy_mint , token :: authority = plant)]
        pub energy_vault: Box<Account<'info, TokenAccount>>,
        pub rent: Sysvar<'info, Rent>,
        pub system_program: Program<'info, System>,
        pub token_program: Program<'info, Token>,
    }

    pub fn initialize(ctx: Context<Initialize>) -> Result<()> {
        let programs_map = ProgramsMap(vec![
            (
                "system_program",
                ctx.accounts.system_program.to_account_info(),
            ),
            (
                "token_program",
                ctx.accounts.token_program.to_account_info(),
            ),
        ]);

        let authority = SeahorseSigner {
            account: &ctx.accounts.authority,
            programs: &programs_map,
        };

        let energy_mint = SeahorseAccount {
            account: &ctx.accounts.energy_mint,
            programs: &programs_map,
        };

        let payment_mint = SeahorseAccount {
            account: &ctx.accounts.payment_mint,
            programs: &programs_map,
        };

        let plant = Empty {
            account: dot::program::Plant::load(&mut ctx.accounts.plant, &programs_map),
            bump: Some(ctx.bumps.plant),
        };

        let energy_vault = Empty {
            account: SeahorseAccount {
                account: &ctx.accounts.energy_vault,
                programs: &programs_map,
            },
            bump: Some(ctx.bumps.energy_vault),
        };

        initialize_handler(
            authority.clone(),
            energy_mint.clone(),
            payment_mint.clone(),
            plant.clone(),
            energy_vault.clone(),
        );

        dot::program::Plant::store(plant.account);

        return Ok(());
    }

    #[derive(Accounts)]
    # [instruction (owner : Pubkey , number : u8)]
    pub struct OpenCommitment<'info> {
        #[account(mut)]
        pub payer: Signer<'info>,
        #[account(mut)]
        pub plant: Box<Account<'info, dot::program::Plant>>,
        # [account (init , space = std :: mem :: size_of :: < dot :: program :: Commitment > () + 8 , payer = payer , seeds = ["commitment" . as_bytes () . as_ref () , plant . key () . as_ref () , owner . as_ref () , number . to_le_bytes () . as_ref ()] , bump)]
        pub commitment: Box<Account<'info, dot::program::Commitment>>,
        pub rent: Sysvar<'info, Rent>,
        pub system_program: Program<'info, System>,
    }

    pub fn open_commitment(ctx: Context<OpenCommitment>, owner: Pubkey, number: u8) -> Result<()> {
        let programs_map = ProgramsMap(vec![(
            "system_program",
            ctx.accounts.system_program.to_account_info(),
        )]);

        let payer = SeahorseSigner {
            account: &ctx.accounts.payer,
            programs: &programs_map,
        };

        let plant = dot::program::Plant::load(&mut ctx.accounts.plant, &programs_map);
        let commitment = Empty {
            account: dot::program::Commitment::load(&mut ctx.accounts.commitment, &programs_map),
            bump: Some(ctx.bumps.commitment),
        };

        open_commitment_handler(
            payer.clone(),
            plant.clone(),
            commitment.clone(),
            owner,
            number,
        );

        store_fields!(plant, sequence);

        dot::program::Commitment::store(commitment.account);

        return Ok(());
    }

    #[derive(Accounts)]
    # [instruction (number : u8)]
    pub struct OpenDispatch<'info> {
        #[account(mut)]
        pub payer: Signer<'info>,
        #[account(mut)]
        pub plant: Box<Account<'info, dot::program::Plant>>,
        # [account (init , space = std :: mem :: size_of :: < dot :: program :: Dispatch > () + 8 , payer = payer , seeds = ["dispatch" . as_bytes () . as_ref () , plant . key () . as_ref () , number . to_le_bytes () . as_ref ()] , bump)]
        pub dispatch: Box<Account<'info, dot::program::Dispatch>>,
        pub rent: Sysvar<'info, Rent>,
        pub system_program: Program<'info, System>,
    }

    pub fn open_dispatch(ctx: Context<OpenDispatch>, number: u8) -> Result<()> {
        let programs_map = ProgramsMap(vec![(
            "system_program",
            ctx.accounts.system_program.to_account_info(),
        )]);

        let payer = SeahorseSigner {
            account: &ctx.accounts.payer,
            programs: &programs_map,
        };

        let plant = dot::program::Plant::load(&mut ctx.accounts.plant, &programs_map);
        let dispatch = Empty {
            account: dot::program::Dispatch::load(&mut ctx.accounts.dispatch, &programs_map),
            bump: Some(ctx.bumps.dispatch),
        };

        open_dispatch_handler(payer.clone(), plant.clone(), dispatch.clone(), number);

        store_fields!(plant, sequence);

        dot::program::Dispatch::store(dispatch.account);

        return Ok(());
    }

    #[derive(Accounts)]
    pub struct OpenPaymentVault<'info> {
        #[account(mut)]
        pub payer: Signer<'info>,
        #[account(mut)]
        pub plant: Box<Account<'info, dot::program::Plant>>,
        #[account()]
        pub payment_mint: Box<Account<'info, Mint>>,
        # [account (init , payer = payer , seeds = ["payment_vault" . as_bytes () . as_ref () , plant . key () . as_ref ()] , bump , token :: mint = payment_mint , token :: authority = plant)]
        pub payment_vault: Box<Account<'info, TokenAccount>>,
        pub rent: Sysvar<'info, Rent>,
        pub system_program: Program<'info, System>,
        pub token_program: Program<'info, Token>,
    }

    pub fn open_payment_vault(ctx: Context<OpenPaymentVault>) -> Result<()> {
        let programs_map = ProgramsMap(vec![
            (
                "system_program",
                ctx.accounts.system_program.to_account_info(),
            ),
            (
                "token_program",
                ctx.accounts.token_program.to_account_info(),
            ),
        ]);

        let payer = SeahorseSigner {
            account: &ctx.accounts.payer,
            programs: &programs_map,
        };

        let plant = dot::program::Plant::load(&mut ctx.accounts.plant, &programs_map);
        let payment_mint = SeahorseAccount {
            account: &ctx.accounts.payment_mint,
            programs: &programs_map,
        };

        let payment_vault = Empty {
            account: SeahorseAccount {
                account: &ctx.accounts.payment_vault,
                programs: &programs_map,
            },
            bump: Some(ctx.bumps.payment_vault),
        };

        open_payment_vault_handler(
            payer.clone(),
            plant.clone(),
            payment_mint.clone(),
            payment_vault.clone(),
        );

        store_fields!(plant, payment_vault, sequence);

        return Ok(());
    }

    #[derive(Accounts)]
    pub struct Pause<'info> {
        #[account()]
        pub authority: Signer<'info>,
        #[account(mut)]
        pub plant: Box<Account<'info, dot::program::Plant>>,
    }

    pub fn pause(ctx: Context<Pause>) -> Result<()> {
        let programs_map = ProgramsMap(vec![]);
        let authority = SeahorseSigner {
            account: &ctx.accounts.authority,
            programs: &programs_map,
        };

        let plant = dot::program::Plant::load(&mut ctx.accounts.plant, &programs_map);

        pause_handler(authority.clone(), plant.clone());

        store_fields!(plant, paused, sequence);

        return Ok(());
    }

    #[derive(Accounts)]
    # [instruction (proposed : Pubkey)]
    pub struct ProposeAuthority<'info> {
        #[account()]
        pub authority: Signer<'info>,
        #[account(mut)]
        pub plant: Box<Account<'info, dot::program::Plant>>,
    }

    pub fn propose_authority(ctx: Context<ProposeAuthority>, proposed: Pubkey) -> Result<()> {
        let programs_map = ProgramsMap(vec![]);
        let authority = SeahorseSigner {
            account: &ctx.accounts.authority,
            programs: &programs_map,
        };

        let plant = dot::program::Plant::load(&mut ctx.accounts.plant, &programs_map);

        propose_authority_handler(authority.clone(), plant.clone(), proposed);

        store_fields!(plant, pending_authority, sequence);

        return Ok(());
    }

    #[derive(Accounts)]
    pub struct Resume<'info> {
        #[account()]
        pub authority: Signer<'info>,
        #[account(mut)]
        pub plant: Box<Account<'info, dot::program::Plant>>,
    }

    pub fn resume(ctx: Context<Resume>) -> Result<()> {
        let programs_map = ProgramsMap(vec![]);
        let authority = SeahorseSigner {
            account: &ctx.accounts.authority,
            programs: &programs_map,
        };

        let plant = dot::program::Plant::load(&mut ctx.accounts.plant, &programs_map);

        resume_handler(authority.clone(), plant.clone());

        store_fields!(plant, paused, sequence);

        return Ok(());
    }

    #[derive(Accounts)]
    # [instruction (amount : u64)]
    pub struct ReturnRent<'info> {
        #[account(mut)]
        pub owner: Signer<'info>,
        #[account(mut)]
        pub commitment: Box<Account<'info, dot::program::Commitment>>,
    }

    pub fn return_rent(ctx: Context<ReturnRent>, amount: u64) -> Result<()> {
        let programs_map = ProgramsMap(vec![]);
        let owner = SeahorseSigner {
            account: &ctx.accounts.owner,
            programs: &programs_map,
        };

        let commitment =
            dot::program::Commitment::load(&mut ctx.accounts.commitment, &programs_map);

        return_rent_handler(owner.clone(), commitment.clone(), amount);

        return Ok(());
    }

    #[derive(Accounts)]
    pub struct SettleCommitment<'info> {
        #[account(mut)]
        pub plant: Box<Account<'info, dot::program::Plant>>,
        #[account(mut)]
        pub dispatch: Box<Account<'info, dot::program::Dispatch>>,
        #[account(mut)]
        pub commitment: Box<Account<'info, dot::program::Commitment>>,
        #[account(mut)]
        pub payment_vault: Box<Account<'info, TokenAccount>>,
        #[account(mut)]
        pub destination: Box<Account<'info, TokenAccount>>,
        #[account()]
        pub clock: Sysvar<'info, Clock>,
        pub token_program: Program<'info, Token>,
    }

    pub fn settle_commitment(ctx: Context<SettleCommitment>) -> Result<()> {
        let programs_map = ProgramsMap(vec![(
            "token_program",
            ctx.accounts.token_program.to_account_info(),
        )]);

        let plant = dot::program::Plant::load(&mut ctx.accounts.plant, &programs_map);
        let dispatch = dot::program::Dispatch::load(&mut ctx.accounts.dispatch, &programs_map);
        let commitment =
            dot::program::Commitment::load(&mut ctx.accounts.commitment, &programs_map);

        let payment_vault = SeahorseAccount {
            account: &ctx.accounts.payment_vault,
            programs: &programs_map,
        };

        let destination = SeahorseAccount {
            account: &ctx.accounts.destination,
            programs: &programs_map,
        };

        let clock = &ctx.accounts.clock.clone();

        settle_commitment_handler(
            plant.clone(),
            dispatch.clone(),
            commitment.clone(),
            payment_vault.clone(),
            destination.clone(),
            clock.clone(),
        );

        store_fields!(plant, payment_held, sequence);

        store_fields!(dispatch, settled_count, surplus_settled);

        store_fields!(commitment, active);

        return Ok(());
    }

    #[derive(Accounts)]
    pub struct SettleDispatch<'info> {
        #[account(mut)]
        pub plant: Box<Account<'info, dot::program::Plant>>,
        #[account(mut)]
        pub dispatch: Box<Account<'info, dot::program::Dispatch>>,
        #[account(mut)]
        pub energy_vault: Box<Account<'info, TokenAccount>>,
        #[account(mut)]
        pub payment_vault: Box<Account<'info, TokenAccount>>,
        #[account(mut)]
        pub energy_destination: Box<Account<'info, TokenAccount>>,
        #[account(mut)]
        pub payment_destination: Box<Account<'info, TokenAccount>>,
        #[account()]
        pub clock: Sysvar<'info, Clock>,
        pub token_program: Program<'info, Token>,
    }

    pub fn settle_dispatch(ctx: Context<SettleDispatch>) -> Result<()> {
        let programs_map = ProgramsMap(vec![(
            "token_program",
            ctx.accounts.token_program.to_account_info(),
        )]);

        let plant = dot::program::Plant::load(&mut ctx.accounts.plant, &programs_map);
        let dispatch = dot::program::Dispatch::load(&mut ctx.accounts.dispatch, &programs_map);
        let energy_vault = SeahorseAccount {
            account: &ctx.accounts.energy_vault,
            programs: &programs_map,
        };

        let payment_vault = SeahorseAccount {
            account: &ctx.accounts.payment_vault,
            programs: &programs_map,
        };

        let energy_destination = SeahorseAccount {
            account: &ctx.accounts.energy_destination,
            programs: &programs_map,
        };

        let payment_destination = SeahorseAccount {
            account: &ctx.accounts.payment_destination,
            programs: &programs_map,
        };

        let clock = &ctx.accounts.clock.clone();

        settle_dispatch_handler(
            plant.clone(),
            dispatch.clone(),
            energy_vault.clone(),
            payment_vault.clone(),
            energy_destination.clone(),
            payment_destination.clone(),
            clock.clone(),
        );

        store_fields!(plant, energy_held, payment_held, sequence);

        store_fields!(dispatch, active);

        return Ok(());
    }
}
