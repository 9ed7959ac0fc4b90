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

declare_id!("2hLdmxESnJqMWB7GM6Z5rERUZNJeNCdTAGdou4ySQJ7v");

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
mod energy_allocation {
    use super::*;
    use seahorse_util::*;

    #[derive(Accounts)]
    pub struct AcceptAuthority<'info> {
        #[account()]
        pub authority: Signer<'info>,
        #[account(mut)]
        pub battery: Box<Account<'info, dot::program::Battery>>,
    }

    pub fn accept_authority(ctx: Context<AcceptAuthority>) -> Result<()> {
        let programs_map = ProgramsMap(vec![]);
        let authority = SeahorseSigner {
            account: &ctx.accounts.authority,
            programs: &programs_map,
        };

        let battery = dot::program::Battery::load(&mut ctx.accounts.battery, &programs_map);

        accept_authority_handler(authority.clone(), battery.clone());

        store_fields!(battery, authority, sequence);

        return Ok(());
    }

    #[derive(Accounts)]
    # [instruction (amount : u64)]
    pub struct Allocate<'info> {
        #[account()]
        pub owner: Signer<'info>,
        #[account(mut)]
        pub battery: Box<Account<'info, dot::program::Battery>>,
        #[account(mut)]
        pub member: Box<Account<'info, dot::program::Member>>,
        #[account()]
        pub clock: Sysvar<'info, Clock>,
    }

    pub fn allocate(ctx: Context<Allocate>, amount: u64) -> Result<()> {
        let programs_map = ProgramsMap(vec![]);
        let owner = SeahorseSigner {
            account: &ctx.accounts.owner,
            programs: &programs_map,
        };

        let battery = dot::program::Battery::load(&mut ctx.accounts.battery, &programs_map);
        let member = dot::program::Member::load(&mut ctx.accounts.member, &programs_map);
        let clock = &ctx.accounts.clock.clone();

        allocate_handler(
            owner.clone(),
            battery.clone(),
            member.clone(),
            clock.clone(),
            amount,
        );

        store_fields!(battery, allocated, available, sequence);

        store_fields!(member, allocated, allocation_expiry);

        return Ok(());
    }

    #[derive(Accounts)]
    # [instruction (amount : u64)]
    pub struct Consume<'info> {
        #[account()]
        pub owner: Signer<'info>,
        #[account(mut)]
        pub battery: Box<Account<'info, dot::program::Battery>>,
        #[account(mut)]
        pub member: Box<Account<'info, dot::program::Member>>,
        #[account(mut)]
        pub mint: Box<Account<'info, Mint>>,
        #[account(mut)]
        pub vault: Box<Account<'info, TokenAccount>>,
        #[account()]
        pub clock: Sysvar<'info, Clock>,
        pub token_program: Program<'info, Token>,
    }

    pub fn consume(ctx: Context<Consume>, amount: u64) -> Result<()> {
        let programs_map = ProgramsMap(vec![(
            "token_program",
            ctx.accounts.token_program.to_account_info(),
        )]);

        let owner = SeahorseSigner {
            account: &ctx.accounts.owner,
            programs: &programs_map,
        };

        let battery = dot::program::Battery::load(&mut ctx.accounts.battery, &programs_map);
        let member = dot::program::Member::load(&mut ctx.accounts.member, &programs_map);
        let mint = SeahorseAccount {
            account: &ctx.accounts.mint,
            programs: &programs_map,
        };

        let vault = SeahorseAccount {
            account: &ctx.accounts.vault,
            programs: &programs_map,
        };

        let clock = &ctx.accounts.clock.clone();

        consume_handler(
            owner.clone(),
            battery.clone(),
            member.clone(),
            mint.clone(),
            vault.clone(),
            clock.clone(),
            amount,
        );

        store_fields!(battery, allocated, sequence);

        store_fields!(member, allocated, balance);

        return Ok(());
    }

    #[derive(Accounts)]
    # [instruction (amount : u64)]
    pub struct Deallocate<'info> {
        #[account()]
        pub owner: Signer<'info>,
        #[account(mut)]
        pub battery: Box<Account<'info, dot::program::Battery>>,
        #[account(mut)]
        pub member: Box<Account<'info, dot::program::Member>>,
    }

    pub fn deallocate(ctx: Context<Deallocate>, amount: u64) -> Result<()> {
        let programs_map = ProgramsMap(vec![]);
        let owner = SeahorseSigner {
            account: &ctx.accounts.owner,
            programs: &programs_map,
        };

        let battery = dot::program::Battery::load(&mut ctx.accounts.battery, &programs_map);
        let member = dot::program::Member::load(&mut ctx.accounts.member, &programs_map);

        deallocate_handler(owner.clone(), battery.clone(), member.clone(), amount);

        store_fields!(battery, allocated, available, sequence);

        store_fields!(member, allocated);

        return Ok(());
    }

    #[derive(Accounts)]
    # [instruction (amount : u64 , minimum_credit : u64)]
    pub struct DepositEnergy<'info> {
        #[account()]
        pub owner: Signer<'info>,
        #[account(mut)]
        pub battery: Box<Account<'info, dot::program::Battery>>,
        #[account(mut)]
        pub member: Box<Account<'info, dot::program::Member>>,
        #[account(mut)]
        pub mint: Box<Account<'info, Mint>>,
        #[account(mut)]
        pub vault: Box<Account<'info, TokenAccount>>,
        #[account(mut)]
        pub source: Box<Account<'info, TokenAccount>>,
        pub token_program: Program<'info, Token>,
    }

    pub fn deposit_energy(
        ctx: Context<DepositEnergy>,
        amount: u64,
        minimum_credit: u64,
    ) -> Result<()> {
        let programs_map = ProgramsMap(vec![(
            "token_program",
            ctx.accounts.token_program.to_account_info(),
        )]);

        let owner = SeahorseSigner {
            account: &ctx.accounts.owner,
            programs: &programs_map,
        };

        let battery = dot::program::Battery::load(&mut ctx.accounts.battery, &programs_map);
        let member = dot::program::Member::load(&mut ctx.accounts.member, &programs_map);
        let mint = SeahorseAccount {
            account: &ctx.accounts.mint,
            programs: &programs_map,
        };

        let vault = SeahorseAccount {
            account: &ctx.accounts.vault,
            programs: &programs_map,
        };

        let source = SeahorseAccount {
            account: &ctx.accounts.source,
            programs: &programs_map,
        };

        deposit_energy_handler(
            owner.clone(),
            battery.clone(),
            member.clone(),
            mint.clone(),
            vault.clone(),
            source.clone(),
            amount,
            minimum_credit,
        );

        store_fields!(battery, available, sequence);

        store_fields!(member, balance);

        return Ok(());
    }

    #[derive(Accounts)]
    # [instruction (resource : Resource , capacity : u64 , allocation_limit : u64 , allocation_lifetime : i64 , efficiency_bps : u16)]
    pub struct Initialize<'info> {
        #[account(mut)]
        pub authority: Signer<'info>,
        #[account()]
        pub mint: Box<Account<'info, Mint>>,
        # [account (init , space = std :: mem :: size_of :: < dot :: program :: Battery > () + 8 , payer = authority , seeds = ["battery" . as_bytes () . as_ref () , authority . key () . as_ref () , mint . key () . as_ref ()] , bump)]
        pub battery: Box<Account<'info, dot::program::Battery>>,
        # [account (init , payer = authority , seeds = ["vault" . as_bytes () . as_ref () , battery . key () . as_ref ()] , bump , token :: mint = mint , token :: authority = battery)]
        pub vault: Box<Account<'info, TokenAccount>>,
        pub rent: Sysvar<'info, Rent>,
        pub system_program: Program<'info, System>,
        pub token_program: Program<'info, Token>,
    }

    pub fn initialize(
        ctx: Context<Initialize>,
        resource: Resource,
        capacity: u64,
        allocation_limit: u64,
        allocation_lifetime: i64,
        efficiency_bps: u16,
    ) -> Result<()> {
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

        let mint = SeahorseAccount {
            account: &ctx.accounts.mint,
            programs: &programs_map,
        };

        let battery = Empty {
            account: dot::program::Battery::load(&mut ctx.accounts.battery, &programs_map),
            bump: Some(ctx.bumps.battery),
        };

        let vault = Empty {
            account: SeahorseAccount {
                account: &ctx.accounts.vault,
                programs: &programs_map,
            },
            bump: Some(ctx.bumps.vault),
        };

        initialize_handler(
            authority.clone(),
            mint.clone(),
            battery.clone(),
            vault.clone(),
            resource,
            capacity,
            allocation_limit,
            allocation_lifetime,
            efficiency_bps,
        );

        dot::program::Battery::store(battery.account);

        return Ok(());
    }

    #[derive(Accounts)]
    # [instruction (owner : Pubkey)]
    pub struct OpenMember<'info> {
        #[account(mut)]
        pub payer: Signer<'info>,
        #[account(mut)]
        pub battery: Box<Account<'info, dot::program::Battery>>,
        # [account (init , space = std :: mem :: size_of :: < dot :: program :: Member > () + 8 , payer = payer , seeds = ["member" . as_bytes () . as_ref () , battery . key () . as_ref () , owner . as_ref ()] , bump)]
        pub member: Box<Account<'info, dot::program::Member>>,
        pub rent: Sysvar<'info, Rent>,
        pub system_program: Program<'info, System>,
    }

    pub fn open_member(ctx: Context<OpenMember>, owner: Pubkey) -> Result<()> {
        let programs_map = ProgramsMap(vec![(
            "system_program",
            ctx.accounts.system_program.to_account_info(),
        )]);

        let payer = SeahorseSigner {
            account: &ctx.accounts.payer,
            programs: &programs_map,
        };

        let battery = dot::program::Battery::load(&mut ctx.accounts.battery, &programs_map);
        let member = Empty {
            account: dot::program::Member::load(&mut ctx.accounts.member, &programs_map),
            bump: Some(ctx.bumps.member),
        };

        open_member_handler(payer.clone(), battery.clone(), member.clone(), owner);

        store_fields!(battery, member_count, sequence);

        dot::program::Member::store(member.account);

        return Ok(());
    }

    #[derive(Accounts)]
    pub struct Pause<'info> {
        #[account()]
        pub authority: Signer<'info>,
        #[account(mut)]
        pub battery: Box<Account<'info, dot::program::Battery>>,
    }

    pub fn pause(ctx: Context<Pause>) -> Result<()> {
        let programs_map = ProgramsMap(vec![]);
        let authority = SeahorseSigner {
            account: &ctx.accounts.authority,
            programs: &programs_map,
        };

        let battery = dot::program::Battery::load(&mut ctx.accounts.battery, &programs_map);

        pause_handler(authority.clone(), battery.clone());

        store_fields!(battery, paused, sequence);

        return Ok(());
    }

    #[derive(Accounts)]
    # [instruction (proposed : Pubkey)]
    pub struct ProposeAuthority<'info> {
        #[account()]
        pub authority: Signer<'info>,
        #[account(mut)]
        pub battery: Box<Account<'info, dot::program::Battery>>,
    }

    pub fn propose_authority(ctx: Context<ProposeAuthority>, proposed: Pubkey) -> Result<()> {
        let programs_map = ProgramsMap(vec![]);
        let authority = SeahorseSigner {
            account: &ctx.accounts.authority,
            programs: &programs_map,
        };

        let battery = dot::program::Battery::load(&mut ctx.accounts.battery, &programs_map);

        propose_authority_handler(authority.clone(), battery.clone(), proposed);

        store_fields!(battery, pending_authority, sequence);

        return Ok(());
    }

    #[derive(Accounts)]
    pub struct ReleaseExpired<'info> {
        #[account(mut)]
        pub battery: Box<Account<'info, dot::program::Battery>>,
        #[account(mut)]
        pub member: Box<Account<'info, dot::program::Member>>,
        #[account()]
        pub clock: Sysvar<'info, Clock>,
    }

    pub fn release_expired(ctx: Context<ReleaseExpired>) -> Result<()> {
        let programs_map = ProgramsMap(vec![]);
        let battery = dot::program::Battery::load(&mut ctx.accounts.battery, &programs_map);
        let member = dot::program::Member::load(&mut ctx.accounts.member, &programs_map);
        let clock = &ctx.accounts.clock.clone();

        release_expired_handler(battery.clone(), member.clone(), clock.clone());

        store_fields!(battery, allocated, available, sequence);

        store_fields!(member, allocated);

        return Ok(());
    }

    #[derive(Accounts)]
    pub struct Resume<'info> {
        #[account()]
        pub authority: Signer<'info>,
        #[account(mut)]
        pub battery: Box<Account<'info, dot::program::Battery>>,
    }

    pub fn resume(ctx: Context<Resume>) -> Result<()> {
        let programs_map = ProgramsMap(vec![]);
        let authority = SeahorseSigner {
            account: &ctx.accounts.authority,
            programs: &programs_map,
        };

        let battery = dot::program::Battery::load(&mut ctx.accounts.battery, &programs_map);

        resume_handler(authority.clone(), battery.clone());

        store_fields!(battery, paused, sequence);

        return Ok(());
    }

    #[derive(Accounts)]
    # [instruction (amount : u64)]
    pub struct ReturnRent<'info> {
        #[account(mut)]
        pub owner: Signer<'info>,
        #[account(mut)]
        pub member: Box<Account<'info, dot::program::Member>>,
    }

    pub fn return_rent(ctx: Context<ReturnRent>, amount: u64) -> Result<()> {
        let programs_map = ProgramsMap(vec![]);
        let owner = SeahorseSigner {
            account: &ctx.accounts.owner,
            programs: &programs_map,
        };

        let member = dot::program::Member::load(&mut ctx.accounts.member, &programs_map);

        return_rent_handler(owner.clone(), member.clone(), amount);

        return Ok(());
    }

    #[derive(Accounts)]
    # [instruction (limit : u64)]
    pub struct SetMemberLimit<'info> {
        #[account()]
        pub authority: Signer<'info>,
        #[account(mut)]
        pub battery: Box<Account<'info, dot::program::Battery>>,
        #[account(mut)]
        pub member: Box<Account<'info, dot::program::Member>>,
    }

    pub fn set_member_limit(ctx: Context<SetMemberLimit>, limit: u64) -> Result<()> {
        let programs_map = ProgramsMap(vec![]);
        let authority = SeahorseSigner {
            account: &ctx.accounts.authority,
            programs: &programs_map,
        };

        let battery = dot::program::Battery::load(&mut ctx.accounts.battery, &programs_map);
        let member = dot::program::Member::load(&mut ctx.accounts.member, &programs_map);

        set_member_limit_handler(authority.clone(), battery.clone(), member.clone(), limit);

        store_fields!(battery, sequence);

        store_fields!(member, allocation_limit);

        return Ok(());
    }

    #[derive(Accounts)]
    # [instruction (capacity : u64 , allocation_limit : u64 , allocation_lifetime : i64 , efficiency_bps : u16)]
    pub struct SetPolicy<'info> {
        #[account()]
        pub authority: Signer<'info>,
        #[account(mut)]
        pub battery: Box<Account<'info, dot::program::Battery>>,
    }

    pub fn set_policy(
        ctx: Context<SetPolicy>,
        capacity: u64,
        allocation_limit: u64,
        allocation_lifetime: i64,
        efficiency_bps: u16,
    ) -> Result<()> {
        let programs_map = ProgramsMap(vec![]);
        let authority = SeahorseSigner {
            account: &ctx.accounts.authority,
            programs: &programs_map,
        };

        let battery = dot::program::Battery::load(&mut ctx.accounts.battery, &programs_map);

        set_policy_handler(
            authority.clone(),
            battery.clone(),
            capacity,
            allocation_limit,
            allocation_lifetime,
            efficiency_bps,
        );

        store_fields!(
            battery,
            allocation_lifetime,
            allocation_limit,
            capacity,
            efficiency_bps,
            sequence
        );

        return Ok(());
    }

    #[derive(Accounts)]
    # [instruction (amount : u64)]
    pub struct WithdrawEnergy<'info> {
        #[account()]
        pub owner: Signer<'info>,
        #[account(mut)]
        pub battery: Box<Account<'info, dot::program::Battery>>,
        #[account(mut)]
        pub member: Box<Account<'info, dot::program::Member>>,
        #[account(mut)]
        pub vault: Box<Account<'info, TokenAccount>>,
        #[account(mut)]
        pub destination: Box<Account<'info, TokenAccount>>,
        pub token_program: Program<'info, Token>,
    }

    pub fn withdraw_energy(ctx: Context<WithdrawEnergy>, amount: u64) -> Result<()> {
        let programs_map = ProgramsMap(vec![(
            "token_program",
            ctx.accounts.token_program.to_account_info(),
        )]);

        let owner = SeahorseSigner {
            account: &ctx.accounts.owner,
            programs: &programs_map,
        };

        let battery = dot::program::Battery::load(&mut ctx.accounts.battery, &programs_map);
        let member = dot::program::Member::load(&mut ctx.accounts.member, &programs_map);
        let vault = SeahorseAccount {
            account: &ctx.accounts.vault,
            programs: &programs_map,
        };

        let destination = SeahorseAccount {
            account: &ctx.accounts.destination,
            programs: &programs_map,
        };

        withdraw_energy_handler(
            owner.clone(),
            battery.clone(),
            member.clone(),
            vault.clone(),
            destination.clone(),
            amount,
        );

        store_fields!(battery, available, sequence);

        store_fields!(member, balance);

        return Ok(());
    }
}
