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

declare_id!("J769pfHhxBK6pLK5ZDrfhBiH4pfXVMPEiXRZRmiitFyP");

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
mod energy_metering {
    use super::*;
    use seahorse_util::*;

    #[derive(Accounts)]
    pub struct AcceptAuthority<'info> {
        #[account()]
        pub authority: Signer<'info>,
        #[account(mut)]
        pub issuer: Box<Account<'info, dot::program::Issuer>>,
    }

    pub fn accept_authority(ctx: Context<AcceptAuthority>) -> Result<()> {
        let programs_map = ProgramsMap(vec![]);
        let authority = SeahorseSigner {
            account: &ctx.accounts.authority,
            programs: &programs_map,
        };

        let issuer = dot::program::Issuer::load(&mut ctx.accounts.issuer, &programs_map);

        accept_authority_handler(authority.clone(), issuer.clone());

        store_fields!(issuer, authority, sequence);

        return Ok(());
    }

    #[derive(Accounts)]
    # [instruction (resource : Resource , number : u8)]
    pub struct Initialize<'info> {
        #[account(mut)]
        pub authority: Signer<'info>,
        # [account (init , space = std :: mem :: size_of :: < dot :: program :: Issuer > () + 8 , payer = authority , seeds = ["issuer" . as_bytes () . as_ref () , authority . key () . as_ref () , number . to_le_bytes () . as_ref ()] , bump)]
        pub issuer: Box<Account<'info, dot::program::Issuer>>,
        # [account (init , payer = authority , seeds = ["mint" . as_bytes () . as_ref () , issuer . key () . as_ref ()] , bump , mint :: decimals = 3 , mint :: authority = issuer)]
        pub mint: Box<Account<'info, Mint>>,
        pub rent: Sysvar<'info, Rent>,
        pub system_program: Program<'info, System>,
        pub token_program: Program<'info, Token>,
    }

    pub fn initialize(ctx: Context<Initialize>, resource: Resource, number: u8) -> Result<()> {
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

        let issuer = Empty {
            account: dot::program::Issuer::load(&mut ctx.accounts.issuer, &programs_map),
            bump: Some(ctx.bumps.issuer),
        };

        let mint = Empty {
            account: SeahorseAccount {
                account: &ctx.accounts.mint,
                programs: &programs_map,
            },
            bump: Some(ctx.bumps.mint),
        };

        initialize_handler(
            authority.clone(),
            issuer.clone(),
            mint.clone(),
            resource,
            number,
        );

        dot::program::Issuer::store(issuer.account);

        return Ok(());
    }

    #[derive(Accounts)]
    pub struct Pause<'info> {
        #[account()]
        pub authority: Signer<'info>,
        #[account(mut)]
        pub issuer: Box<Account<'info, dot::program::Issuer>>,
    }

    pub fn pause(ctx: Context<Pause>) -> Result<()> {
        let programs_map = ProgramsMap(vec![]);
        let authority = SeahorseSigner {
            account: &ctx.accounts.authority,
            programs: &programs_map,
        };

        let issuer = dot::program::Issuer::load(&mut ctx.accounts.issuer, &programs_map);

        pause_handler(authority.clone(), issuer.clone());

        store_fields!(issuer, paused, sequence);

        return Ok(());
    }

    #[derive(Accounts)]
    # [instruction (proposed : Pubkey)]
    pub struct ProposeAuthority<'info> {
        #[account()]
        pub authority: Signer<'info>,
        #[account(mut)]
        pub issuer: Box<Account<'info, dot::program::Issuer>>,
    }

    pub fn propose_authority(ctx: Context<ProposeAuthority>, proposed: Pubkey) -> Result<()> {
        let programs_map = ProgramsMap(vec![]);
        let authority = SeahorseSigner {
            account: &ctx.accounts.authority,
            programs: &programs_map,
        };

        let issuer = dot::program::Issuer::load(&mut ctx.accounts.issuer, &programs_map);

        propose_authority_handler(authority.clone(), issuer.clone(), proposed);

        store_fields!(issuer, pending_authority, sequence);

        return Ok(());
    }

    #[derive(Accounts)]
    # [instruction (device : Pubkey , owner : Pubkey , rated_power : u64 , register : u64)]
    pub struct RegisterMeter<'info> {
        #[account(mut)]
        pub authority: Signer<'info>,
        #[account(mut)]
        pub issuer: Box<Account<'info, dot::program::Issuer>>,
        # [account (init , space = std :: mem :: size_of :: < dot :: program :: Meter > () + 8 , payer = authority , seeds = ["meter" . as_bytes () . as_ref () , issuer . key () . as_ref () , device . as_ref ()] , bump)]
        pub meter: Box<Account<'info, dot::program::Meter>>,
        #[account()]
        pub clock: Sysvar<'info, Clock>,
        pub rent: Sysvar<'info, Rent>,
        pub system_program: Program<'info, System>,
    }

    pub fn register_meter(
        ctx: Context<RegisterMeter>,
        device: Pubkey,
        owner: Pubkey,
        rated_power: u64,
        register: u64,
    ) -> Result<()> {
        let programs_map = ProgramsMap(vec![(
            "system_program",
            ctx.accounts.system_program.to_account_info(),
        )]);

        let authority = SeahorseSigner {
            account: &ctx.accounts.authority,
            programs: &programs_map,
        };

        let issuer = dot::program::Issuer::load(&mut ctx.accounts.issuer, &programs_map);
        let meter = Empty {
            account: dot::program::Meter::load(&mut ctx.accounts.meter, &programs_map),
            bump: Some(ctx.bumps.meter),
        };

        let clock = &ctx.accounts.clock.clone();

        register_meter_handler(
            authority.clone(),
            issuer.clone(),
            meter.clone(),
            clock.clone(),
            device,
            owner,
            rated_power,
            register,
        );

        store_fields!(issuer, meter_count, sequence);

        dot::program::Meter::store(meter.account);

        return Ok(());
    }

    #[derive(Accounts)]
    # [instruction (device : Pubkey , register : u64)]
    pub struct ReplaceDevice<'info> {
        #[account(mut)]
        pub authority: Signer<'info>,
        #[account(mut)]
        pub issuer: Box<Account<'info, dot::program::Issuer>>,
        #[account(mut)]
        pub meter: Box<Account<'info, dot::program::Meter>>,
        # [account (init , space = std :: mem :: size_of :: < dot :: program :: Meter > () + 8 , payer = authority , seeds = ["meter" . as_bytes () . as_ref () , issuer . key () . as_ref () , device . as_ref ()] , bump)]
        pub replacement: Box<Account<'info, dot::program::Meter>>,
        #[account()]
        pub clock: Sysvar<'info, Clock>,
        pub rent: Sysvar<'info, Rent>,
        pub system_program: Program<'info, System>,
    }

    pub fn replace_device(
        ctx: Context<ReplaceDevice>,
        device: Pubkey,
        register: u64,
    ) -> Result<()> {
        let programs_map = ProgramsMap(vec![(
            "system_program",
            ctx.accounts.system_program.to_account_info(),
        )]);

        let authority = SeahorseSigner {
            account: &ctx.accounts.authority,
            programs: &programs_map,
        };

        let issuer = dot::program::Issuer::load(&mut ctx.accounts.issuer, &programs_map);
        let meter = dot::program::Meter::load(&mut ctx.accounts.meter, &programs_map);
        let replacement = Empty {
            account: dot::program::Meter::load(&mut ctx.accounts.replacement, &programs_map),
            bump: Some(ctx.bumps.replacement),
        };

        let clock = &ctx.accounts.clock.clone();

        replace_device_handler(
            authority.clone(),
            issuer.clone(),
            meter.clone(),
            replacement.clone(),
            clock.clone(),
            device,
            register,
        );

        store_fields!(issuer, meter_count, sequence);

        store_fields!(meter, retired);

        dot::program::Meter::store(replacement.account);

        return Ok(());
    }

    #[derive(Accounts)]
    # [instruction (register : u64 , read_at : i64)]
    pub struct Report<'info> {
        #[account()]
        pub device: Signer<'info>,
        #[account(mut)]
        pub issuer: Box<Account<'info, dot::program::Issuer>>,
        #[account(mut)]
        pub meter: Box<Account<'info, dot::program::Meter>>,
        #[account(mut)]
        pub mint: Box<Account<'info, Mint>>,
        #[account(mut)]
        pub destination: Box<Account<'info, TokenAccount>>,
        #[account()]
        pub clock: Sysvar<'info, Clock>,
        pub token_program: Program<'info, Token>,
    }

    pub fn report(ctx: Context<Report>, register: u64, read_at: i64) -> Result<()> {
        let programs_map = ProgramsMap(vec![(
            "token_program",
            ctx.accounts.token_program.to_account_info(),
        )]);

        let device = SeahorseSigner {
            account: &ctx.accounts.device,
            programs: &programs_map,
        };

        let issuer = dot::program::Issuer::load(&mut ctx.accounts.issuer, &programs_map);
        let meter = dot::program::Meter::load(&mut ctx.accounts.meter, &programs_map);
        let mint = SeahorseAccount {
            account: &ctx.accounts.mint,
            programs: &programs_map,
        };

        let destination = SeahorseAccount {
            account: &ctx.accounts.destination,
            programs: &programs_map,
        };

        let clock = &ctx.accounts.clock.clone();

        report_handler(
            device.clone(),
            issuer.clone(),
            meter.clone(),
            mint.clone(),
            destination.clone(),
            clock.clone(),
            register,
            read_at,
        );

        store_fields!(issuer, minted, sequence);

        store_fields!(meter, minted, read_at, register);

        return Ok(());
    }

    #[derive(Accounts)]
    pub struct Resume<'info> {
        #[account()]
        pub authority: Signer<'info>,
        #[account(mut)]
        pub issuer: Box<Account<'info, dot::program::Issuer>>,
    }

    pub fn resume(ctx: Context<Resume>) -> Result<()> {
        let programs_map = ProgramsMap(vec![]);
        let authority = SeahorseSigner {
            account: &ctx.accounts.authority,
            programs: &programs_map,
        };

        let issuer = dot::program::Issuer::load(&mut ctx.accounts.issuer, &programs_map);

        resume_handler(authority.clone(), issuer.clone());

        store_fields!(issuer, paused, sequence);

        return Ok(());
    }

    #[derive(Accounts)]
    pub struct RetireMeter<'info> {
        #[account()]
        pub authority: Signer<'info>,
        #[account(mut)]
        pub issuer: Box<Account<'info, dot::program::Issuer>>,
        #[account(mut)]
        pub meter: Box<Account<'info, dot::program::Meter>>,
    }

    pub fn retire_meter(ctx: Context<RetireMeter>) -> Result<()> {
        let programs_map = ProgramsMap(vec![]);
        let authority = SeahorseSigner {
            account: &ctx.accounts.authority,
            programs: &programs_map,
        };

        let issuer = dot::program::Issuer::load(&mut ctx.accounts.issuer, &programs_map);
        let meter = dot::program::Meter::load(&mut ctx.accounts.meter, &programs_map);

        retire_meter_handler(authority.clone(), issuer.clone(), meter.clone());

        store_fields!(issuer, sequence);

        store_fields!(meter, retired);

        return Ok(());
    }

    #[derive(Accounts)]
    # [instruction (amount : u64)]
    pub struct ReturnRent<'info> {
        #[account(mut)]
        pub authority: Signer<'info>,
        #[account()]
        pub issuer: Box<Account<'info, dot::program::Issuer>>,
        #[account(mut)]
        pub meter: Box<Account<'info, dot::program::Meter>>,
    }

    pub fn return_rent(ctx: Context<ReturnRent>, amount: u64) -> Result<()> {
        let programs_map = ProgramsMap(vec![]);
        let authority = SeahorseSigner {
            account: &ctx.accounts.authority,
            programs: &programs_map,
        };

        let issuer = dot::program::Issuer::load(&mut ctx.accounts.issuer, &programs_map);
        let meter = dot::program::Meter::load(&mut ctx.accounts.meter, &programs_map);

        return_rent_handler(authority.clone(), issuer.clone(), meter.clone(), amount);

        return Ok(());
    }
}
