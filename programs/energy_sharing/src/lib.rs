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
        collections::HashMap,
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
    pub struct ProgramsMap<'info>(pub HashMap<&'static str, AccountInfo<'info>>);

    impl<'info> ProgramsMap<'info> {
        pub fn get(&self, name: &'static str) -> AccountInfo<'info> {
            self.0.get(name).unwrap().clone()
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

    pub(crate) use assign;

    pub(crate) use index_assign;

    pub(crate) use seahorse_const;
}

#[program]
mod energy_sharing {
    use super::*;
    use seahorse_util::*;
    use std::collections::HashMap;

    #[derive(Accounts)]
    pub struct AcceptAuthority<'info> {
        #[account(mut)]
        pub authority: Signer<'info>,
        #[account(mut)]
        pub community: Box<Account<'info, dot::program::Community>>,
    }

    pub fn accept_authority(ctx: Context<AcceptAuthority>) -> Result<()> {
        let mut programs = HashMap::new();
        let programs_map = ProgramsMap(programs);
        let authority = SeahorseSigner {
            account: &ctx.accounts.authority,
            programs: &programs_map,
        };

        let community = dot::program::Community::load(&mut ctx.accounts.community, &programs_map);

        accept_authority_handler(authority.clone(), community.clone());

        dot::program::Community::store(community);

        return Ok(());
    }

    #[derive(Accounts)]
    # [instruction (credit_limit : u64)]
    pub struct Admit<'info> {
        #[account(mut)]
        pub authority: Signer<'info>,
        #[account(mut)]
        pub community: Box<Account<'info, dot::program::Community>>,
        #[account(mut)]
        pub participant: Box<Account<'info, dot::program::Participant>>,
    }

    pub fn admit(ctx: Context<Admit>, credit_limit: u64) -> Result<()> {
        let mut programs = HashMap::new();
        let programs_map = ProgramsMap(programs);
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

        dot::program::Community::store(community);

        dot::program::Participant::store(participant);

        return Ok(());
    }

    #[derive(Accounts)]
    # [instruction (starts_at : i64 , ends_at : i64 , digest : Pubkey)]
    pub struct BeginPeriod<'info> {
        #[account(mut)]
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
        let mut programs = HashMap::new();
        let programs_map = ProgramsMap(programs);
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

        dot::program::Community::store(community);

        dot::program::Period::store(period);

        return Ok(());
    }

    #[derive(Accounts)]
    pub struct ClosePeriod<'info> {
        #[account(mut)]
        pub authority: Signer<'info>,
        #[account(mut)]
        pub community: Box<Account<'info, dot::program::Community>>,
        #[account(mut)]
        pub period: Box<Account<'info, dot::program::Period>>,
        #[account()]
        pub clock: Sysvar<'info, Clock>,
    }

    pub fn close_period(ctx: Context<ClosePeriod>) -> Result<()> {
        let mut programs = HashMap::new();
        let programs_map = ProgramsMap(programs);
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

        dot::program::Community::store(community);

        dot::program::Period::store(period);

        return Ok(());
    }

    #[derive(Accounts)]
    # [instruction (amount : u64)]
    pub struct Deposit<'info> {
        #[account(mut)]
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
        let mut programs = HashMap::new();

        programs.insert(
            "token_program",
            ctx.accounts.token_program.to_account_info(),
        );

        let programs_map = ProgramsMap(programs);
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

        dot::program::Community::store(community);

        dot::program::Participant::store(participant);

        return Ok(());
    }

    #[derive(Accounts)]
    # [instruction (amount : u64)]
    pub struct DepositReserve<'info> {
        #[account(mut)]
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
        let mut programs = HashMap::new();

        programs.insert(
            "token_program",
            ctx.accounts.token_program.to_account_info(),
        );

        let programs_map = ProgramsMap(programs);
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

        dot::program::Community::store(community);

        return Ok(());
    }

    #[derive(Accounts)]
    # [instruction (objection_time : i64 , fee_bps : u16)]
    pub struct Initialize<'info> {
        #[account(mut)]
        pub authority: Signer<'info>,
        #[account(mut)]
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
        let mut programs = HashMap::new();

        programs.insert(
            "system_program",
            ctx.accounts.system_program.to_account_info(),
        );

        programs.insert(
            "token_program",
            ctx.accounts.token_program.to_account_info(),
        );

        let programs_map = ProgramsMap(programs);
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
        #[account(mut)]
        pub signer: Signer<'info>,
        #[account(mut)]
        pub community: Box<Account<'info, dot::program::Community>>,
        #[account(mut)]
        pub participant: Box<Account<'info, dot::program::Participant>>,
    }

    pub fn leave(ctx: Context<Leave>) -> Result<()> {
        let mut programs = HashMap::new();
        let programs_map = ProgramsMap(programs);
        let signer = SeahorseSigner {
            account: &ctx.accounts.signer,
            programs: &programs_map,
        };

        let community = dot::program::Community::load(&mut ctx.accounts.community, &programs_map);
        let participant =
            dot::program::Participant::load(&mut ctx.accounts.participant, &programs_map);

        leave_handler(signer.clone(), community.clone(), participant.clone());

        dot::program::Community::store(community);

        dot::program::Participant::store(participant);

        return Ok(());
    }

    #[derive(Accounts)]
    pub struct OpenLine<'info> {
        #[account(mut)]
        pub payer: Signer<'info>,
        #[account(mut)]
        pub community: Box<Account<'info, dot::program::Community>>,
        #[account(mut)]
        pub period: Box<Account<'info, dot::program::Period>>,
        #[account(mut)]
        pub participant: Box<Account<'info, dot::program::Participant>>,
        # [account (init , space = std :: mem :: size_of :: < dot :: program :: Line > () + 8 , payer = payer , seeds = ["line" . as_bytes () . as_ref () , period . key () . as_ref () , participant . key () . as_ref ()] , bump)]
        pub line: Box<Account<'info, dot::program::Line>>,
        pub rent: Sysvar<'info, Rent>,
        pub system_program: Program<'info, System>,
    }

    pub fn open_line(ctx: Context<OpenLine>) -> Result<()> {
        let mut programs = HashMap::new();

        programs.insert(
            "system_program",
            ctx.accounts.system_program.to_account_info(),
        );

        let programs_map = ProgramsMap(programs);
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

        dot::program::Community::store(community);

        dot::program::Period::store(period);

        dot::program::Participant::store(participant);

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
        let mut programs = HashMap::new();

        programs.insert(
            "system_program",
            ctx.accounts.system_program.to_account_info(),
        );

        let programs_map = ProgramsMap(programs);
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

        dot::program::Community::store(community);

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
        let mut programs = HashMap::new();

        programs.insert(
            "system_program",
            ctx.accounts.system_program.to_account_info(),
        );

        let programs_map = ProgramsMap(programs);
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

        dot::program::Community::store(community);

        dot::program::Period::store(period.account);

        return Ok(());
    }

    #[derive(Accounts)]
    pub struct Pause<'info> {
        #[account(mut)]
        pub authority: Signer<'info>,
        #[account(mut)]
        pub community: Box<Account<'info, dot::program::Community>>,
    }

    pub fn pause(ctx: Context<Pause>) -> Result<()> {
        let mut programs = HashMap::new();
        let programs_map = ProgramsMap(programs);
        let authority = SeahorseSigner {
            account: &ctx.accounts.authority,
            programs: &programs_map,
        };

        let community = dot::program::Community::load(&mut ctx.accounts.community, &programs_map);

        pause_handler(authority.clone(), community.clone());

        dot::program::Community::store(community);

        return Ok(());
    }

    #[derive(Accounts)]
    # [instruction (shared_in : u64 , shared_out : u64 , charge : u64 , credit : u64)]
    pub struct PostLine<'info> {
        #[account(mut)]
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
        let mut programs = HashMap::new();
        let programs_map = ProgramsMap(programs);
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

        dot::program::Community::store(community);

        dot::program::Period::store(period);

        dot::program::Participant::store(participant);

        dot::program::Line::store(line);

        return Ok(());
    }

    #[derive(Accounts)]
    # [instruction (proposed : Pubkey)]
    pub struct ProposeAuthority<'info> {
        #[account(mut)]
        pub authority: Signer<'info>,
        #[account(mut)]
        pub community: Box<Account<'info, dot::program::Community>>,
    }

    pub fn propose_authority(ctx: Context<ProposeAuthority>, proposed: Pubkey) -> Result<()> {
        let mut programs = HashMap::new();
        let programs_map = ProgramsMap(programs);
        let authority = SeahorseSigner {
            account: &ctx.accounts.authority,
            programs: &programs_map,
        };

        let community = dot::program::Community::load(&mut ctx.accounts.community, &programs_map);

        propose_authority_handler(authority.clone(), community.clone(), proposed);

        dot::program::Community::store(community);

        return Ok(());
    }

    #[derive(Accounts)]
    pub struct RaiseObjection<'info> {
        #[account(mut)]
        pub owner: Signer<'info>,
        #[account(mut)]
        pub community: Box<Account<'info, dot::program::Community>>,
        #[account(mut)]
        pub period: Box<Account<'info, dot::program::Period>>,
        #[account(mut)]
        pub participant: Box<Account<'info, dot::program::Participant>>,
        #[account(mut)]
        pub line: Box<Account<'info, dot::program::Line>>,
    }

    pub fn raise_objection(ctx: Context<RaiseObjection>) -> Result<()> {
        let mut programs = HashMap::new();
        let programs_map = ProgramsMap(programs);
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

        dot::program::Community::store(community);

        dot::program::Period::store(period);

        dot::program::Participant::store(participant);

        dot::program::Line::store(line);

        return Ok(());
    }

    #[derive(Accounts)]
    pub struct Resume<'info> {
        #[account(mut)]
        pub authority: Signer<'info>,
        #[account(mut)]
        pub community: Box<Account<'info, dot::program::Community>>,
    }

    pub fn resume(ctx: Context<Resume>) -> Result<()> {
        let mut programs = HashMap::new();
        let programs_map = ProgramsMap(programs);
        let authority = SeahorseSigner {
            account: &ctx.accounts.authority,
            programs: &programs_map,
        };

        let community = dot::program::Community::load(&mut ctx.accounts.community, &programs_map);

        resume_handler(authority.clone(), community.clone());

        dot::program::Community::store(community);

        return Ok(());
    }

    #[derive(Accounts)]
    # [instruction (credit_limit : u64)]
    pub struct SetCreditLimit<'info> {
        #[account(mut)]
        pub authority: Signer<'info>,
        #[account(mut)]
        pub community: Box<Account<'info, dot::program::Community>>,
        #[account(mut)]
        pub participant: Box<Account<'info, dot::program::Participant>>,
    }

    pub fn set_credit_limit(ctx: Context<SetCreditLimit>, credit_limit: u64) -> Result<()> {
        let mut programs = HashMap::new();
        let programs_map = ProgramsMap(programs);
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

        dot::program::Community::store(community);

        dot::program::Participant::store(participant);

        return Ok(());
    }

    #[derive(Accounts)]
    # [instruction (objection_time : i64 , fee_bps : u16)]
    pub struct SetPolicy<'info> {
        #[account(mut)]
        pub authority: Signer<'info>,
        #[account(mut)]
        pub community: Box<Account<'info, dot::program::Community>>,
    }

    pub fn set_policy(ctx: Context<SetPolicy>, objection_time: i64, fee_bps: u16) -> Result<()> {
        let mut programs = HashMap::new();
        let programs_map = ProgramsMap(programs);
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

        dot::program::Community::store(community);

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
        let mut programs = HashMap::new();
        let programs_map = ProgramsMap(programs);
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

        dot::program::Community::store(community);

        dot::program::Period::store(period);

        dot::program::Participant::store(participant);

        dot::program::Line::store(line);

        return Ok(());
    }

    #[derive(Accounts)]
    # [instruction (amount : u64)]
    pub struct Withdraw<'info> {
        #[account(mut)]
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
        let mut programs = HashMap::new();

        programs.insert(
            "token_program",
            ctx.accounts.token_program.to_account_info(),
        );

        let programs_map = ProgramsMap(programs);
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

        dot::program::Community::store(community);

        dot::program::Participant::store(participant);

        return Ok(());
    }

    #[derive(Accounts)]
    pub struct WithdrawPeriod<'info> {
        #[account(mut)]
        pub signer: Signer<'info>,
        #[account(mut)]
        pub community: Box<Account<'info, dot::program::Community>>,
        #[account(mut)]
        pub period: Box<Account<'info, dot::program::Period>>,
        #[account()]
        pub clock: Sysvar<'info, Clock>,
    }

    pub fn withdraw_period(ctx: Context<WithdrawPeriod>) -> Result<()> {
        let mut programs = HashMap::new();
        let programs_map = ProgramsMap(programs);
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

        dot::program::Community::store(community);

        dot::program::Period::store(period);

        return Ok(());
    }

    #[derive(Accounts)]
    # [instruction (amount : u64)]
    pub struct WithdrawReserve<'info> {
        #[account(mut)]
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
        let mut programs = HashMap::new();

        programs.insert(
            "token_program",
            ctx.accounts.token_program.to_account_info(),
        );

        let programs_map = ProgramsMap(programs);
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

        dot::program::Community::store(community);

        return Ok(());
    }
}
