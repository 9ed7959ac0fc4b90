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

declare_id!("6KFWpPXXubewkuDbGxcyidwCg1VCsbGVjwSq3naDFRsU");

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
mod energy_sharing {
    use super::*;
    use seahorse_util::*;

    #[derive(Accounts)]
    pub struct AcceptAuthority<'info> {
        #[account()]
        pub authority: Signer<'info>,
        #[account(mut)]
        pub community: Box<Account<'info, dot::program::Community>>,
    }

    pub fn accept_authority(ctx: Context<AcceptAuthority>) -> Result<()> {
        let programs_map = ProgramsMap(vec![]);
        let authority = SeahorseSigner {
            account: &ctx.accounts.authority,
            programs: &programs_map,
        };

        let community = dot::program::Community::load(&mut ctx.accounts.community, &programs_map);

        accept_authority_handler(authority.clone(), community.clone());

        store_fields!(community, authority, sequence);

        return Ok(());
    }

    #[derive(Accounts)]
    # [instruction (credit_limit : u64)]
    pub struct Admit<'info> {
        #[account()]
        pub authority: Signer<'info>,
        #[account(mut)]
        pub community: Box<Account<'info, dot::program::Community>>,
        #[account(mut)]
        pub participant: Box<Account<'info, dot::program::Participant>>,
    }

    pub fn admit(ctx: Context<Admit>, credit_limit: u64) -> Result<()> {
        let programs_map = ProgramsMap(vec![]);
        let authority = SeahorseSigner {
            account: &ctx.accounts.authority,
            programs: &programs_map,
        };

        let community = dot::program::Community::load(&mut ctx.accounts.community, &programs_map);
        let participant =
            dot::program::Participant::load(&mut ctx.accounts.participant, &programs_map);

        admit_handler(
            authority.clone(),
            community.clone(),
            participant.clone(),
            credit_limit,
        );

        store_fields!(community, participant_count, sequence);

        store_fields!(participant, credit_limit, joined, left);

        return Ok(());
    }

    #[derive(Accounts)]
    # [instruction (starts_at : i64 , ends_at : i64 , digest : Pubkey)]
    pub struct BeginPeriod<'info> {
        #[account()]
        pub authority: Signer<'info>,
        #[account(mut)]
        pub community: Box<Account<'info, dot::program::Community>>,
        #[account(mut)]
        pub period: Box<Account<'info, dot::program::Period>>,
        #[account()]
        pub clock: Sysvar<'info, Clock>,
    }

    pub fn begin_period(
        ctx: Context<BeginPeriod>,
        starts_at: i64,
        ends_at: i64,
        digest: Pubkey,
    ) -> Result<()> {
        let programs_map = ProgramsMap(vec![]);
        let authority = SeahorseSigner {
            account: &ctx.accounts.authority,
            programs: &programs_map,
        };

        let community = dot::program::Community::load(&mut ctx.accounts.community, &programs_map);
        let period = dot::program::Period::load(&mut ctx.accounts.period, &programs_map);
        let clock = &ctx.accounts.clock.clone();

        begin_period_handler(
            authority.clone(),
            community.clone(),
            period.clone(),
            clock.clone(),
            starts_at,
            ends_at,
            digest,
        );

        store_fields!(community, run, sequence);

        store_fields!(
            period,
            begun_at,
            charges,
            closed_at,
            collected,
            credits,
            digest,
            ends_at,
            fee_bps,
            objection_count,
            objection_time,
            paid,
            participant_count,
            posted_count,
            run,
            settled_count,
            shared_in,
            shared_out,
            starts_at,
            state
        );

        return Ok(());
    }

    #[derive(Accounts)]
    pub struct ClosePeriod<'info> {
        #[account()]
        pub authority: Signer<'info>,
        #[account(mut)]
        pub community: Box<Account<'info, dot::program::Community>>,
        #[account(mut)]
        pub period: Box<Account<'info, dot::program::Period>>,
        #[account()]
        pub clock: Sysvar<'info, Clock>,
    }

    pub fn close_period(ctx: Context<ClosePeriod>) -> Result<()> {
        let programs_map = ProgramsMap(vec![]);
        let authority = SeahorseSigner {
            account: &ctx.accounts.authority,
            programs: &programs_map,
        };

        let community = dot::program::Community::load(&mut ctx.accounts.community, &programs_map);
        let period = dot::program::Period::load(&mut ctx.accounts.period, &programs_map);
        let clock = &ctx.accounts.clock.clone();

        close_period_handler(
            authority.clone(),
            community.clone(),
            period.clone(),
            clock.clone(),
        );

        store_fields!(community, sequence);

        store_fields!(period, closed_at, state);

        return Ok(());
    }

    #[derive(Accounts)]
    # [instruction (amount : u64)]
    pub struct Deposit<'info> {
        #[account()]
        pub owner: Signer<'info>,
        #[account(mut)]
        pub community: Box<Account<'info, dot::program::Community>>,
        #[account(mut)]
        pub participant: Box<Account<'info, dot::program::Participant>>,
        #[account(mut)]
        pub vault: Box<Account<'info, TokenAccount>>,
        #[account(mut)]
        pub source: Box<Account<'info, TokenAccount>>,
        pub token_program: Program<'info, Token>,
    }

    pub fn deposit(ctx: Context<Deposit>, amount: u64) -> Result<()> {
        let programs_map = ProgramsMap(vec![(
            "token_program",
            ctx.accounts.token_program.to_account_info(),
        )]);

        let owner = SeahorseSigner {
            account: &ctx.accounts.owner,
            programs: &programs_map,
        };

        let community = dot::program::Community::load(&mut ctx.accounts.community, &programs_map);
        let participant =
            dot::program::Participant::load(&mut ctx.accounts.participant, &programs_map);

        let vault = SeahorseAccount {
            account: &ctx.accounts.vault,
            programs: &programs_map,
        };

        let source = SeahorseAccount {
            account: &ctx.accounts.source,
            programs: &programs_map,
        };

        deposit_handler(
            owner.clone(),
            community.clone(),
            participant.clone(),
            vault.clone(),
            source.clone(),
            amount,
        );

        store_fields!(community, prepaid, reserve, sequence);

        store_fields!(participant, funds, owed);

        return Ok(());
    }

    #[derive(Accounts)]
    # [instruction (amount : u64)]
    pub struct DepositReserve<'info> {
        #[account()]
        pub authority: Signer<'info>,
        #[account(mut)]
        pub community: Box<Account<'info, dot::program::Community>>,
        #[account(mut)]
        pub vault: Box<Account<'info, TokenAccount>>,
        #[account(mut)]
        pub source: Box<Account<'info, TokenAccount>>,
        pub token_program: Program<'info, Token>,
    }

    pub fn deposit_reserve(ctx: Context<DepositReserve>, amount: u64) -> Result<()> {
        let programs_map = ProgramsMap(vec![(
            "token_program",
            ctx.accounts.token_program.to_account_info(),
        )]);

        let authority = SeahorseSigner {
            account: &ctx.accounts.authority,
            programs: &programs_map,
        };

        let community = dot::program::Community::load(&mut ctx.accounts.community, &programs_map);
        let vault = SeahorseAccount {
            account: &ctx.accounts.vault,
            programs: &programs_map,
        };

        let source = SeahorseAccount {
            account: &ctx.accounts.source,
            programs: &programs_map,
        };

        deposit_reserve_handler(
            authority.clone(),
            community.clone(),
            vault.clone(),
            source.clone(),
            amount,
        );

        store_fields!(community, reserve, sequence);

        return Ok(());
    }

    #[derive(Accounts)]
    # [instruction (objection_time : i64 , fee_bps : u16)]
    pub struct Initialize<'info> {
        #[account(mut)]
        pub authority: Signer<'info>,
        #[account()]
        pub payment_mint: Box<Account<'info, Mint>>,
        # [account (init , space = std :: mem :: size_of :: < dot :: program :: Community > () + 8 , payer = authority , seeds = ["community" . as_bytes () . as_ref () , authority . key () . as_ref () , payment_mint . key () . as_ref ()] , bump)]
        pub community: Box<Account<'info, dot::program::Community>>,
        # [account (init , payer = authority , seeds = ["vault" . as_bytes () . as_ref () , community . key () . as_ref ()] , bump , token :: mint = payment_mint , token :: authority = community)]
        pub vault: Box<Account<'info, TokenAccount>>,
        pub rent: Sysvar<'info, Rent>,
        pub system_program: Program<'info, System>,
        pub token_program: Program<'info, Token>,
    }

    pub fn initialize(ctx: Context<Initialize>, objection_time: i64, fee_bps: u16) -> Result<()> {
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

        let payment_mint = SeahorseAccount {
            account: &ctx.accounts.payment_mint,
            programs: &programs_map,
        };

        let community = Empty {
            account: dot::program::Community::load(&mut ctx.accounts.community, &programs_map),
            bump: Some(ctx.bumps.community),
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
            payment_mint.clone(),
            community.clone(),
            vault.clone(),
            objection_time,
            fee_bps,
        );

        dot::program::Community::store(community.account);

        return Ok(());
    }

    #[derive(Accounts)]
    pub struct Leave<'info> {
        #[account()]
        pub signer: Signer<'info>,
        #[account(mut)]
        pub community: Box<Account<'info, dot::program::Community>>,
        #[account(mut)]
        pub participant: Box<Account<'info, dot::program::Participant>>,
    }

    pub fn leave(ctx: Context<Leave>) -> Result<()> {
        let programs_map = ProgramsMap(vec![]);
        let signer = SeahorseSigner {
            account: &ctx.accounts.signer,
            programs: &programs_map,
        };

        let community = dot::program::Community::load(&mut ctx.accounts.community, &programs_map);
        let participant =
            dot::program::Participant::load(&mut ctx.accounts.participant, &programs_map);

        leave_handler(signer.clone(), community.clone(), participant.clone());

        store_fields!(community, participant_count, sequence);

        store_fields!(participant, left);

        return Ok(());
    }

    #[derive(Accounts)]
    pub struct OpenLine<'info> {
        #[account(mut)]
        pub payer: Signer<'info>,
        #[account(mut)]
        pub community: Box<Account<'info, dot::program::Community>>,
        #[account()]
        pub period: Box<Account<'info, dot::program::Period>>,
        #[account()]
        pub participant: Box<Account<'info, dot::program::Participant>>,
        # [account (init , space = std :: mem :: size_of :: < dot :: program :: Line > () + 8 , payer = payer , seeds = ["line" . as_bytes () . as_ref () , period . key () . as_ref () , participant . key () . as_ref ()] , bump)]
        pub line: Box<Account<'info, dot::program::Line>>,
        pub rent: Sysvar<'info, Rent>,
        pub system_program: Program<'info, System>,
    }

    pub fn open_line(ctx: Context<OpenLine>) -> Result<()> {
        let programs_map = ProgramsMap(vec![(
            "system_program",
            ctx.accounts.system_program.to_account_info(),
        )]);

        let payer = SeahorseSigner {
            account: &ctx.accounts.payer,
            programs: &programs_map,
        };

        let community = dot::program::Community::load(&mut ctx.accounts.community, &programs_map);
        let period = dot::program::Period::load(&mut ctx.accounts.period, &programs_map);
        let participant =
            dot::program::Participant::load(&mut ctx.accounts.participant, &programs_map);

        let line = Empty {
            account: dot::program::Line::load(&mut ctx.accounts.line, &programs_map),
            bump: Some(ctx.bumps.line),
        };

        open_line_handler(
            payer.clone(),
            community.clone(),
            period.clone(),
            participant.clone(),
            line.clone(),
        );

        store_fields!(community, sequence);

        dot::program::Line::store(line.account);

        return Ok(());
    }

    #[derive(Accounts)]
    # [instruction (owner : Pubkey)]
    pub struct OpenParticipant<'info> {
        #[account(mut)]
        pub payer: Signer<'info>,
        #[account(mut)]
        pub community: Box<Account<'info, dot::program::Community>>,
        # [account (init , space = std :: mem :: size_of :: < dot :: program :: Participant > () + 8 , payer = payer , seeds = ["participant" . as_bytes () . as_ref () , community . key () . as_ref () , owner . as_ref ()] , bump)]
        pub participant: Box<Account<'info, dot::program::Participant>>,
        pub rent: Sysvar<'info, Rent>,
        pub system_program: Program<'info, System>,
    }

    pub fn open_participant(ctx: Context<OpenParticipant>, owner: Pubkey) -> Result<()> {
        let programs_map = ProgramsMap(vec![(
            "system_program",
            ctx.accounts.system_program.to_account_info(),
        )]);

        let payer = SeahorseSigner {
            account: &ctx.accounts.payer,
            programs: &programs_map,
        };

        let community = dot::program::Community::load(&mut ctx.accounts.community, &programs_map);
        let participant = Empty {
            account: dot::program::Participant::load(&mut ctx.accounts.participant, &programs_map),
            bump: Some(ctx.bumps.participant),
        };

        open_participant_handler(payer.clone(), community.clone(), participant.clone(), owner);

        store_fields!(community, sequence);

        dot::program::Participant::store(participant.account);

        return Ok(());
    }

    #[derive(Accounts)]
    # [instruction (number : u8)]
    pub struct OpenPeriod<'info> {
        #[account(mut)]
        pub payer: Signer<'info>,
        #[account(mut)]
        pub community: Box<Account<'info, dot::program::Community>>,
        # [account (init , space = std :: mem :: size_of :: < dot :: program :: Period > () + 8 , payer = payer , seeds = ["period" . as_bytes () . as_ref () , community . key () . as_ref () , number . to_le_bytes () . as_ref ()] , bump)]
        pub period: Box<Account<'info, dot::program::Period>>,
        pub rent: Sysvar<'info, Rent>,
        pub system_program: Program<'info, System>,
    }

    pub fn open_period(ctx: Context<OpenPeriod>, number: u8) -> Result<()> {
        let programs_map = ProgramsMap(vec![(
            "system_program",
            ctx.accounts.system_program.to_account_info(),
        )]);

        let payer = SeahorseSigner {
            account: &ctx.accounts.payer,
            programs: &programs_map,
        };

        let community = dot::program::Community::load(&mut ctx.accounts.community, &programs_map);
        let period = Empty {
            account: dot::program::Period::load(&mut ctx.accounts.period, &programs_map),
            bump: Some(ctx.bumps.period),
        };

        open_period_handler(payer.clone(), community.clone(), period.clone(), number);

        store_fields!(community, sequence);

        dot::program::Period::store(period.account);

        return Ok(());
    }

    #[derive(Accounts)]
    pub struct Pause<'info> {
        #[account()]
        pub authority: Signer<'info>,
        #[account(mut)]
        pub community: Box<Account<'info, dot::program::Community>>,
    }

    pub fn pause(ctx: Context<Pause>) -> Result<()> {
        let programs_map = ProgramsMap(vec![]);
        let authority = SeahorseSigner {
            account: &ctx.accounts.authority,
            programs: &programs_map,
        };

        let community = dot::program::Community::load(&mut ctx.accounts.community, &programs_map);

        pause_handler(authority.clone(), community.clone());

        store_fields!(community, paused, sequence);

        return Ok(());
    }

    #[derive(Accounts)]
    # [instruction (shared_in : u64 , shared_out : u64 , charge : u64 , credit : u64)]
    pub struct PostLine<'info> {
        #[account()]
        pub authority: Signer<'info>,
        #[account(mut)]
        pub community: Box<Account<'info, dot::program::Community>>,
        #[account(mut)]
        pub period: Box<Account<'info, dot::program::Period>>,
        #[account(mut)]
        pub participant: Box<Account<'info, dot::program::Participant>>,
        #[account(mut)]
        pub line: Box<Account<'info, dot::program::Line>>,
    }

    pub fn post_line(
        ctx: Context<PostLine>,
        shared_in: u64,
        shared_out: u64,
        charge: u64,
        credit: u64,
    ) -> Result<()> {
        let programs_map = ProgramsMap(vec![]);
        let authority = SeahorseSigner {
            account: &ctx.accounts.authority,
            programs: &programs_map,
        };

        let community = dot::program::Community::load(&mut ctx.accounts.community, &programs_map);
        let period = dot::program::Period::load(&mut ctx.accounts.period, &programs_map);
        let participant =
            dot::program::Participant::load(&mut ctx.accounts.participant, &programs_map);

        let line = dot::program::Line::load(&mut ctx.accounts.line, &programs_map);

        post_line_handler(
            authority.clone(),
            community.clone(),
            period.clone(),
            participant.clone(),
            line.clone(),
            shared_in,
            shared_out,
            charge,
            credit,
        );

        store_fields!(community, reserve_pledged, sequence);

        store_fields!(
            period,
            charges,
            credits,
            posted_count,
            shared_in,
            shared_out
        );

        store_fields!(participant, pledged, run);

        store_fields!(line, charge, credit, lent, objected, run, settled, shared_in, shared_out);

        return Ok(());
    }

    #[derive(Accounts)]
    # [instruction (proposed : Pubkey)]
    pub struct ProposeAuthority<'info> {
        #[account()]
        pub authority: Signer<'info>,
        #[account(mut)]
        pub community: Box<Account<'info, dot::program::Community>>,
    }

    pub fn propose_authority(ctx: Context<ProposeAuthority>, proposed: Pubkey) -> Result<()> {
        let programs_map = ProgramsMap(vec![]);
        let authority = SeahorseSigner {
            account: &ctx.accounts.authority,
            programs: &programs_map,
        };

        let community = dot::program::Community::load(&mut ctx.accounts.community, &programs_map);

        propose_authority_handler(authority.clone(), community.clone(), proposed);

        store_fields!(community, pending_authority, sequence);

        return Ok(());
    }

    #[derive(Accounts)]
    pub struct RaiseObjection<'info> {
        #[account()]
        pub owner: Signer<'info>,
        #[account(mut)]
        pub community: Box<Account<'info, dot::program::Community>>,
        #[account(mut)]
        pub period: Box<Account<'info, dot::program::Period>>,
        #[account()]
        pub participant: Box<Account<'info, dot::program::Participant>>,
        #[account(mut)]
        pub line: Box<Account<'info, dot::program::Line>>,
    }

    pub fn raise_objection(ctx: Context<RaiseObjection>) -> Result<()> {
        let programs_map = ProgramsMap(vec![]);
        let owner = SeahorseSigner {
            account: &ctx.accounts.owner,
            programs: &programs_map,
        };

        let community = dot::program::Community::load(&mut ctx.accounts.community, &programs_map);
        let period = dot::program::Period::load(&mut ctx.accounts.period, &programs_map);
        let participant =
            dot::program::Participant::load(&mut ctx.accounts.participant, &programs_map);

        let line = dot::program::Line::load(&mut ctx.accounts.line, &programs_map);

        raise_objection_handler(
            owner.clone(),
            community.clone(),
            period.clone(),
            participant.clone(),
            line.clone(),
        );

        store_fields!(community, sequence);

        store_fields!(period, objection_count);

        store_fields!(line, objected);

        return Ok(());
    }

    #[derive(Accounts)]
    pub struct Resume<'info> {
        #[account()]
        pub authority: Signer<'info>,
        #[account(mut)]
        pub community: Box<Account<'info, dot::program::Community>>,
    }

    pub fn resume(ctx: Context<Resume>) -> Result<()> {
        let programs_map = ProgramsMap(vec![]);
        let authority = SeahorseSigner {
            account: &ctx.accounts.authority,
            programs: &programs_map,
        };

        let community = dot::program::Community::load(&mut ctx.accounts.community, &programs_map);

        resume_handler(authority.clone(), community.clone());

        store_fields!(community, paused, sequence);

        return Ok(());
    }

    #[derive(Accounts)]
    # [instruction (credit_limit : u64)]
    pub struct SetCreditLimit<'info> {
        #[account()]
        pub authority: Signer<'info>,
        #[account(mut)]
        pub community: Box<Account<'info, dot::program::Community>>,
        #[account(mut)]
        pub participant: Box<Account<'info, dot::program::Participant>>,
    }

    pub fn set_credit_limit(ctx: Context<SetCreditLimit>, credit_limit: u64) -> Result<()> {
        let programs_map = ProgramsMap(vec![]);
        let authority = SeahorseSigner {
            account: &ctx.accounts.authority,
            programs: &programs_map,
        };

        let community = dot::program::Community::load(&mut ctx.accounts.community, &programs_map);
        let participant =
            dot::program::Participant::load(&mut ctx.accounts.participant, &programs_map);

        set_credit_limit_handler(
            authority.clone(),
            community.clone(),
            participant.clone(),
            credit_limit,
        );

        store_fields!(community, sequence);

        store_fields!(participant, credit_limit);

        return Ok(());
    }

    #[derive(Accounts)]
    # [instruction (objection_time : i64 , fee_bps : u16)]
    pub struct SetPolicy<'info> {
        #[account()]
        pub authority: Signer<'info>,
        #[account(mut)]
        pub community: Box<Account<'info, dot::program::Community>>,
    }

    pub fn set_policy(ctx: Context<SetPolicy>, objection_time: i64, fee_bps: u16) -> Result<()> {
        let programs_map = ProgramsMap(vec![]);
        let authority = SeahorseSigner {
            account: &ctx.accounts.authority,
            programs: &programs_map,
        };

        let community = dot::program::Community::load(&mut ctx.accounts.community, &programs_map);

        set_policy_handler(
            authority.clone(),
            community.clone(),
            objection_time,
            fee_bps,
        );

        store_fields!(community, fee_bps, objection_time, sequence);

        return Ok(());
    }

    #[derive(Accounts)]
    pub struct SettleLine<'info> {
        #[account(mut)]
        pub community: Box<Account<'info, dot::program::Community>>,
        #[account(mut)]
        pub period: Box<Account<'info, dot::program::Period>>,
        #[account(mut)]
        pub participant: Box<Account<'info, dot::program::Participant>>,
        #[account(mut)]
        pub line: Box<Account<'info, dot::program::Line>>,
        #[account()]
        pub clock: Sysvar<'info, Clock>,
    }

    pub fn settle_line(ctx: Context<SettleLine>) -> Result<()> {
        let programs_map = ProgramsMap(vec![]);
        let community = dot::program::Community::load(&mut ctx.accounts.community, &programs_map);
        let period = dot::program::Period::load(&mut ctx.accounts.period, &programs_map);
        let participant =
            dot::program::Participant::load(&mut ctx.accounts.participant, &programs_map);

        let line = dot::program::Line::load(&mut ctx.accounts.line, &programs_map);
        let clock = &ctx.accounts.clock.clone();

        settle_line_handler(
            community.clone(),
            period.clone(),
            participant.clone(),
            line.clone(),
            clock.clone(),
        );

        store_fields!(
            community,
            prepaid,
            reserve,
            reserve_pledged,
            run,
            sequence,
            settled_until
        );

        store_fields!(period, collected, paid, settled_count, state);

        store_fields!(participant, funds, owed, pledged);

        store_fields!(line, settled);

        return Ok(());
    }

    #[derive(Accounts)]
    # [instruction (amount : u64)]
    pub struct Withdraw<'info> {
        #[account()]
        pub owner: Signer<'info>,
        #[account(mut)]
        pub community: Box<Account<'info, dot::program::Community>>,
        #[account(mut)]
        pub participant: Box<Account<'info, dot::program::Participant>>,
        #[account(mut)]
        pub vault: Box<Account<'info, TokenAccount>>,
        #[account(mut)]
        pub destination: Box<Account<'info, TokenAccount>>,
        pub token_program: Program<'info, Token>,
    }

    pub fn withdraw(ctx: Context<Withdraw>, amount: u64) -> Result<()> {
        let programs_map = ProgramsMap(vec![(
            "token_program",
            ctx.accounts.token_program.to_account_info(),
        )]);

        let owner = SeahorseSigner {
            account: &ctx.accounts.owner,
            programs: &programs_map,
        };

        let community = dot::program::Community::load(&mut ctx.accounts.community, &programs_map);
        let participant =
            dot::program::Participant::load(&mut ctx.accounts.participant, &programs_map);

        let vault = SeahorseAccount {
            account: &ctx.accounts.vault,
            programs: &programs_map,
        };

        let destination = SeahorseAccount {
            account: &ctx.accounts.destination,
            programs: &programs_map,
        };

        withdraw_handler(
            owner.clone(),
            community.clone(),
            participant.clone(),
            vault.clone(),
            destination.clone(),
            amount,
        );

        store_fields!(community, prepaid, sequence);

        store_fields!(participant, funds);

        return Ok(());
    }

    #[derive(Accounts)]
    pub struct WithdrawPeriod<'info> {
        #[account()]
        pub signer: Signer<'info>,
        #[account(mut)]
        pub community: Box<Account<'info, dot::program::Community>>,
        #[account(mut)]
        pub period: Box<Account<'info, dot::program::Period>>,
        #[account()]
        pub clock: Sysvar<'info, Clock>,
    }

    pub fn withdraw_period(ctx: Context<WithdrawPeriod>) -> Result<()> {
        let programs_map = ProgramsMap(vec![]);
        let signer = SeahorseSigner {
            account: &ctx.accounts.signer,
            programs: &programs_map,
        };

        let community = dot::program::Community::load(&mut ctx.accounts.community, &programs_map);
        let period = dot::program::Period::load(&mut ctx.accounts.period, &programs_map);
        let clock = &ctx.accounts.clock.clone();

        withdraw_period_handler(
            signer.clone(),
            community.clone(),
            period.clone(),
            clock.clone(),
        );

        store_fields!(community, reserve_pledged, run, sequence);

        store_fields!(period, state);

        return Ok(());
    }

    #[derive(Accounts)]
    # [instruction (amount : u64)]
    pub struct WithdrawReserve<'info> {
        #[account()]
        pub authority: Signer<'info>,
        #[account(mut)]
        pub community: Box<Account<'info, dot::program::Community>>,
        #[account(mut)]
        pub vault: Box<Account<'info, TokenAccount>>,
        #[account(mut)]
        pub destination: Box<Account<'info, TokenAccount>>,
        pub token_program: Program<'info, Token>,
    }

    pub fn withdraw_reserve(ctx: Context<WithdrawReserve>, amount: u64) -> Result<()> {
        let programs_map = ProgramsMap(vec![(
            "token_program",
            ctx.accounts.token_program.to_account_info(),
        )]);

        let authority = SeahorseSigner {
            account: &ctx.accounts.authority,
            programs: &programs_map,
        };

        let community = dot::program::Community::load(&mut ctx.accounts.community, &programs_map);
        let vault = SeahorseAccount {
            account: &ctx.accounts.vault,
            programs: &programs_map,
        };

        let destination = SeahorseAccount {
            account: &ctx.accounts.destination,
            programs: &programs_map,
        };

        withdraw_reserve_handler(
            authority.clone(),
            community.clone(),
            vault.clone(),
            destination.clone(),
            amount,
        );

        store_fields!(community, reserve, sequence);

        return Ok(());
    }
}
