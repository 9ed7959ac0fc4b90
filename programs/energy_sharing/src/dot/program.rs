#![allow(unused_imports)]
#![allow(unused_variables)]
#![allow(unused_mut)]
use crate::{id, seahorse_util::*};
use anchor_lang::{prelude::*, solana_program};
use anchor_spl::token::{self, Mint, Token, TokenAccount};
use std::{cell::RefCell, rc::Rc};

seahorse_const! { BPS , 10000 }

seahorse_const! { MAX_FEE_BPS , 2000 }

seahorse_const! { MAX_OBJECTION_TIME , 2592000 }

seahorse_const! { MAX_PERIOD , 31622400 }

seahorse_const! { POSTING_TIME , 604800 }

#[event]
pub struct AuthorityAccepted {
    pub community: Pubkey,
    pub authority: Pubkey,
    pub prepaid: u64,
    pub reserve: u64,
    pub sequence: u64,
}

#[derive(Clone, Debug, Default)]
pub struct LoadedAuthorityAccepted {
    pub community: Pubkey,
    pub authority: Pubkey,
    pub prepaid: u64,
    pub reserve: u64,
    pub sequence: u64,
}

impl Mutable<LoadedAuthorityAccepted> {
    fn __emit__(&self) {
        let e = self.borrow();

        emit!(AuthorityAccepted {
            community: e.community.clone(),
            authority: e.authority.clone(),
            prepaid: e.prepaid,
            reserve: e.reserve,
            sequence: e.sequence
        })
    }
}

impl LoadedAuthorityAccepted {
    pub fn __new__(
        community: Pubkey,
        authority: Pubkey,
        prepaid: u64,
        reserve: u64,
        sequence: u64,
    ) -> Mutable<Self> {
        let obj = LoadedAuthorityAccepted {
            community,
            authority,
            prepaid,
            reserve,
            sequence,
        };

        return Mutable::new(obj);
    }
}

impl Loadable for AuthorityAccepted {
    type Loaded = LoadedAuthorityAccepted;

    fn load(stored: Self) -> Self::Loaded {
        Self::Loaded {
            community: stored.community,
            authority: stored.authority,
            prepaid: stored.prepaid,
            reserve: stored.reserve,
            sequence: stored.sequence,
        }
    }

    fn store(loaded: Self::Loaded) -> Self {
        Self {
            community: loaded.community.clone(),
            authority: loaded.authority.clone(),
            prepaid: loaded.prepaid,
            reserve: loaded.reserve,
            sequence: loaded.sequence,
        }
    }
}

#[event]
pub struct AuthorityProposed {
    pub community: Pubkey,
    pub proposed: Pubkey,
    pub prepaid: u64,
    pub reserve: u64,
    pub sequence: u64,
}

#[derive(Clone, Debug, Default)]
pub struct LoadedAuthorityProposed {
    pub community: Pubkey,
    pub proposed: Pubkey,
    pub prepaid: u64,
    pub reserve: u64,
    pub sequence: u64,
}

impl Mutable<LoadedAuthorityProposed> {
    fn __emit__(&self) {
        let e = self.borrow();

        emit!(AuthorityProposed {
            community: e.community.clone(),
            proposed: e.proposed.clone(),
            prepaid: e.prepaid,
            reserve: e.reserve,
            sequence: e.sequence
        })
    }
}

impl LoadedAuthorityProposed {
    pub fn __new__(
        community: Pubkey,
        proposed: Pubkey,
        prepaid: u64,
        reserve: u64,
        sequence: u64,
    ) -> Mutable<Self> {
        let obj = LoadedAuthorityProposed {
            community,
            proposed,
            prepaid,
            reserve,
            sequence,
        };

        return Mutable::new(obj);
    }
}

impl Loadable for AuthorityProposed {
    type Loaded = LoadedAuthorityProposed;

    fn load(stored: Self) -> Self::Loaded {
        Self::Loaded {
            community: stored.community,
            proposed: stored.proposed,
            prepaid: stored.prepaid,
            reserve: stored.reserve,
            sequence: stored.sequence,
        }
    }

    fn store(loaded: Self::Loaded) -> Self {
        Self {
            community: loaded.community.clone(),
            proposed: loaded.proposed.clone(),
            prepaid: loaded.prepaid,
            reserve: loaded.reserve,
            sequence: loaded.sequence,
        }
    }
}

#[account]
#[derive(Debug)]
pub struct Community {
    pub creator: Pubkey,
    pub authority: Pubkey,
    pub pending_authority: Pubkey,
    pub payment_mint: Pubkey,
    pub vault: Pubkey,
    pub prepaid: u64,
    pub reserve: u64,
    pub reserve_pledged: u64,
    pub participant_count: u64,
    pub run: u64,
    pub settled_until: i64,
    pub objection_time: i64,
    pub sequence: u64,
    pub fee_bps: u16,
    pub paused: bool,
    pub bump: u8,
}

impl<'info, 'entrypoint> Community {
    pub fn load(
        account: &'entrypoint mut Box<Account<'info, Self>>,
        programs_map: &'entrypoint ProgramsMap<'info>,
    ) -> Mutable<LoadedCommunity<'info, 'entrypoint>> {
        let creator = account.creator.clone();
        let authority = account.authority.clone();
        let pending_authority = account.pending_authority.clone();
        let payment_mint = account.payment_mint.clone();
        let vault = account.vault.clone();
        let prepaid = account.prepaid;
        let reserve = account.reserve;
        let reserve_pledged = account.reserve_pledged;
        let participant_count = account.participant_count;
        let run = account.run;
        let settled_until = account.settled_until;
        let objection_time = account.objection_time;
        let sequence = account.sequence;
        let fee_bps = account.fee_bps;
        let paused = account.paused.clone();
        let bump = account.bump;

        Mutable::new(LoadedCommunity {
            __account__: account,
            __programs__: programs_map,
            creator,
            authority,
            pending_authority,
            payment_mint,
            vault,
            prepaid,
            reserve,
            reserve_pledged,
            participant_count,
            run,
            settled_until,
            objection_time,
            sequence,
            fee_bps,
            paused,
            bump,
        })
    }

    pub fn store(loaded: Mutable<LoadedCommunity>) {
        let mut loaded = loaded.borrow_mut();
        let creator = loaded.creator.clone();

        loaded.__account__.creator = creator;

        let authority = loaded.authority.clone();

        loaded.__account__.authority = authority;

        let pending_authority = loaded.pending_authority.clone();

        loaded.__account__.pending_authority = pending_authority;

        let payment_mint = loaded.payment_mint.clone();

        loaded.__account__.payment_mint = payment_mint;

        let vault = loaded.vault.clone();

        loaded.__account__.vault = vault;

        let prepaid = loaded.prepaid;

        loaded.__account__.prepaid = prepaid;

        let reserve = loaded.reserve;

        loaded.__account__.reserve = reserve;

        let reserve_pledged = loaded.reserve_pledged;

        loaded.__account__.reserve_pledged = reserve_pledged;

        let participant_count = loaded.participant_count;

        loaded.__account__.participant_count = participant_count;

        let run = loaded.run;

        loaded.__account__.run = run;

        let settled_until = loaded.settled_until;

        loaded.__account__.settled_until = settled_until;

        let objection_time = loaded.objection_time;

        loaded.__account__.objection_time = objection_time;

        let sequence = loaded.sequence;

        loaded.__account__.sequence = sequence;

        let fee_bps = loaded.fee_bps;

        loaded.__account__.fee_bps = fee_bps;

        let paused = loaded.paused.clone();

        loaded.__account__.paused = paused;

        let bump = loaded.bump;

        loaded.__account__.bump = bump;
    }
}

#[derive(Debug)]
pub struct LoadedCommunity<'info, 'entrypoint> {
    pub __account__: &'entrypoint mut Box<Account<'info, Community>>,
    pub __programs__: &'entrypoint ProgramsMap<'info>,
    pub creator: Pubkey,
    pub authority: Pubkey,
    pub pending_authority: Pubkey,
    pub payment_mint: Pubkey,
    pub vault: Pubkey,
    pub prepaid: u64,
    pub reserve: u64,
    pub reserve_pledged: u64,
    pub participant_count: u64,
    pub run: u64,
    pub settled_until: i64,
    pub objection_time: i64,
    pub sequence: u64,
    pub fee_bps: u16,
    pub paused: bool,
    pub bump: u8,
}

#[event]
pub struct CommunityInitialized {
    pub community: Pubkey,
    pub authority: Pubkey,
    pub payment_mint: Pubkey,
    pub vault: Pubkey,
    pub objection_time: i64,
    pub fee_bps: u16,
    pub prepaid: u64,
    pub reserve: u64,
    pub sequence: u64,
}

#[derive(Clone, Debug, Default)]
pub struct LoadedCommunityInitialized {
    pub community: Pubkey,
    pub authority: Pubkey,
    pub payment_mint: Pubkey,
    pub vault: Pubkey,
    pub objection_time: i64,
    pub fee_bps: u16,
    pub prepaid: u64,
    pub reserve: u64,
    pub sequence: u64,
}

impl Mutable<LoadedCommunityInitialized> {
    fn __emit__(&self) {
        let e = self.borrow();

        emit!(CommunityInitialized {
            community: e.community.clone(),
            authority: e.authority.clone(),
            payment_mint: e.payment_mint.clone(),
            vault: e.vault.clone(),
            objection_time: e.objection_time,
            fee_bps: e.fee_bps,
            prepaid: e.prepaid,
            reserve: e.reserve,
            sequence: e.sequence
        })
    }
}

impl LoadedCommunityInitialized {
    pub fn __new__(
        community: Pubkey,
        authority: Pubkey,
        payment_mint: Pubkey,
        vault: Pubkey,
        objection_time: i64,
        fee_bps: u16,
        prepaid: u64,
        reserve: u64,
        sequence: u64,
    ) -> Mutable<Self> {
        let obj = LoadedCommunityInitialized {
            community,
            authority,
            payment_mint,
            vault,
            objection_time,
            fee_bps,
            prepaid,
            reserve,
            sequence,
        };

        return Mutable::new(obj);
    }
}

impl Loadable for CommunityInitialized {
    type Loaded = LoadedCommunityInitialized;

    fn load(stored: Self) -> Self::Loaded {
        Self::Loaded {
            community: stored.community,
            authority: stored.authority,
            payment_mint: stored.payment_mint,
            vault: stored.vault,
            objection_time: stored.objection_time,
            fee_bps: stored.fee_bps,
            prepaid: stored.prepaid,
            reserve: stored.reserve,
            sequence: stored.sequence,
        }
    }

    fn store(loaded: Self::Loaded) -> Self {
        Self {
            community: loaded.community.clone(),
            authority: loaded.authority.clone(),
            payment_mint: loaded.payment_mint.clone(),
            vault: loaded.vault.clone(),
            objection_time: loaded.objection_time,
            fee_bps: loaded.fee_bps,
            prepaid: loaded.prepaid,
            reserve: loaded.reserve,
            sequence: loaded.sequence,
        }
    }
}

#[event]
pub struct CommunityPaused {
    pub community: Pubkey,
    pub prepaid: u64,
    pub reserve: u64,
    pub sequence: u64,
}

#[derive(Clone, Debug, Default)]
pub struct LoadedCommunityPaused {
    pub community: Pubkey,
    pub prepaid: u64,
    pub reserve: u64,
    pub sequence: u64,
}

impl Mutable<LoadedCommunityPaused> {
    fn __emit__(&self) {
        let e = self.borrow();

        emit!(CommunityPaused {
            community: e.community.clone(),
            prepaid: e.prepaid,
            reserve: e.reserve,
            sequence: e.sequence
        })
    }
}

impl LoadedCommunityPaused {
    pub fn __new__(community: Pubkey, prepaid: u64, reserve: u64, sequence: u64) -> Mutable<Self> {
        let obj = LoadedCommunityPaused {
            community,
            prepaid,
            reserve,
            sequence,
        };

        return Mutable::new(obj);
    }
}

impl Loadable for CommunityPaused {
    type Loaded = LoadedCommunityPaused;

    fn load(stored: Self) -> Self::Loaded {
        Self::Loaded {
            community: stored.community,
            prepaid: stored.prepaid,
            reserve: stored.reserve,
            sequence: stored.sequence,
        }
    }

    fn store(loaded: Self::Loaded) -> Self {
        Self {
            community: loaded.community.clone(),
            prepaid: loaded.prepaid,
            reserve: loaded.reserve,
            sequence: loaded.sequence,
        }
    }
}

#[event]
pub struct CommunityResumed {
    pub community: Pubkey,
    pub prepaid: u64,
    pub reserve: u64,
    pub sequence: u64,
}

#[derive(Clone, Debug, Default)]
pub struct LoadedCommunityResumed {
    pub community: Pubkey,
    pub prepaid: u64,
    pub reserve: u64,
    pub sequence: u64,
}

impl Mutable<LoadedCommunityResumed> {
    fn __emit__(&self) {
        let e = self.borrow();

        emit!(CommunityResumed {
            community: e.community.clone(),
            prepaid: e.prepaid,
            reserve: e.reserve,
            sequence: e.sequence
        })
    }
}

impl LoadedCommunityResumed {
    pub fn __new__(community: Pubkey, prepaid: u64, reserve: u64, sequence: u64) -> Mutable<Self> {
        let obj = LoadedCommunityResumed {
            community,
            prepaid,
            reserve,
            sequence,
        };

        return Mutable::new(obj);
    }
}

impl Loadable for CommunityResumed {
    type Loaded = LoadedCommunityResumed;

    fn load(stored: Self) -> Self::Loaded {
        Self::Loaded {
            community: stored.community,
            prepaid: stored.prepaid,
            reserve: stored.reserve,
            sequence: stored.sequence,
        }
    }

    fn store(loaded: Self::Loaded) -> Self {
        Self {
            community: loaded.community.clone(),
            prepaid: loaded.prepaid,
            reserve: loaded.reserve,
            sequence: loaded.sequence,
        }
    }
}

#[event]
pub struct CreditLimitSet {
    pub community: Pubkey,
    pub participant: Pubkey,
    pub credit_limit: u64,
    pub prepaid: u64,
    pub reserve: u64,
    pub sequence: u64,
}

#[derive(Clone, Debug, Default)]
pub struct LoadedCreditLimitSet {
    pub community: Pubkey,
    pub participant: Pubkey,
    pub credit_limit: u64,
    pub prepaid: u64,
    pub reserve: u64,
    pub sequence: u64,
}

impl Mutable<LoadedCreditLimitSet> {
    fn __emit__(&self) {
        let e = self.borrow();

        emit!(CreditLimitSet {
            community: e.community.clone(),
            participant: e.participant.clone(),
            credit_limit: e.credit_limit,
            prepaid: e.prepaid,
            reserve: e.reserve,
            sequence: e.sequence
        })
    }
}

impl LoadedCreditLimitSet {
    pub fn __new__(
        community: Pubkey,
        participant: Pubkey,
        credit_limit: u64,
        prepaid: u64,
        reserve: u64,
        sequence: u64,
    ) -> Mutable<Self> {
        let obj = LoadedCreditLimitSet {
            community,
            participant,
            credit_limit,
            prepaid,
            reserve,
            sequence,
        };

        return Mutable::new(obj);
    }
}

impl Loadable for CreditLimitSet {
    type Loaded = LoadedCreditLimitSet;

    fn load(stored: Self) -> Self::Loaded {
        Self::Loaded {
            community: stored.community,
            participant: stored.participant,
            credit_limit: stored.credit_limit,
            prepaid: stored.prepaid,
            reserve: stored.reserve,
            sequence: stored.sequence,
        }
    }

    fn store(loaded: Self::Loaded) -> Self {
        Self {
            community: loaded.community.clone(),
            participant: loaded.participant.clone(),
            credit_limit: loaded.credit_limit,
            prepaid: loaded.prepaid,
            reserve: loaded.reserve,
            sequence: loaded.sequence,
        }
    }
}

#[event]
pub struct Deposited {
    pub community: Pubkey,
    pub participant: Pubkey,
    pub amount: u64,
    pub repaid: u64,
    pub funds: u64,
    pub owed: u64,
    pub prepaid: u64,
    pub reserve: u64,
    pub sequence: u64,
}

#[derive(Clone, Debug, Default)]
pub struct LoadedDeposited {
    pub community: Pubkey,
    pub participant: Pubkey,
    pub amount: u64,
    pub repaid: u64,
    pub funds: u64,
    pub owed: u64,
    pub prepaid: u64,
    pub reserve: u64,
    pub sequence: u64,
}

impl Mutable<LoadedDeposited> {
    fn __emit__(&self) {
        let e = self.borrow();

        emit!(Deposited {
            community: e.community.clone(),
            participant: e.participant.clone(),
            amount: e.amount,
            repaid: e.repaid,
            funds: e.funds,
            owed: e.owed,
            prepaid: e.prepaid,
            reserve: e.reserve,
            sequence: e.sequence
        })
    }
}

impl LoadedDeposited {
    pub fn __new__(
        community: Pubkey,
        participant: Pubkey,
        amount: u64,
        repaid: u64,
        funds: u64,
        owed: u64,
        prepaid: u64,
        reserve: u64,
        sequence: u64,
    ) -> Mutable<Self> {
        let obj = LoadedDeposited {
            community,
            participant,
            amount,
            repaid,
            funds,
            owed,
            prepaid,
            reserve,
            sequence,
        };

        return Mutable::new(obj);
    }
}

impl Loadable for Deposited {
    type Loaded = LoadedDeposited;

    fn load(stored: Self) -> Self::Loaded {
        Self::Loaded {
            community: stored.community,
            participant: stored.participant,
            amount: stored.amount,
            repaid: stored.repaid,
            funds: stored.funds,
            owed: stored.owed,
            prepaid: stored.prepaid,
            reserve: stored.reserve,
            sequence: stored.sequence,
        }
    }

    fn store(loaded: Self::Loaded) -> Self {
        Self {
            community: loaded.community.clone(),
            participant: loaded.participant.clone(),
            amount: loaded.amount,
            repaid: loaded.repaid,
            funds: loaded.funds,
            owed: loaded.owed,
            prepaid: loaded.prepaid,
            reserve: loaded.reserve,
            sequence: loaded.sequence,
        }
    }
}

#[account]
#[derive(Debug)]
pub struct Line {
    pub period: Pubkey,
    pub participant: Pubkey,
    pub run: u64,
    pub shared_in: u64,
    pub shared_out: u64,
    pub charge: u64,
    pub credit: u64,
    pub lent: u64,
    pub objected: bool,
    pub settled: bool,
}

impl<'info, 'entrypoint> Line {
    pub fn load(
        account: &'entrypoint mut Box<Account<'info, Self>>,
        programs_map: &'entrypoint ProgramsMap<'info>,
    ) -> Mutable<LoadedLine<'info, 'entrypoint>> {
        let period = account.period.clone();
        let participant = account.participant.clone();
        let run = account.run;
        let shared_in = account.shared_in;
        let shared_out = account.shared_out;
        let charge = account.charge;
        let credit = account.credit;
        let lent = account.lent;
        let objected = account.objected.clone();
        let settled = account.settled.clone();

        Mutable::new(LoadedLine {
            __account__: account,
            __programs__: programs_map,
            period,
            participant,
            run,
            shared_in,
            shared_out,
            charge,
            credit,
            lent,
            objected,
            settled,
        })
    }

    pub fn store(loaded: Mutable<LoadedLine>) {
        let mut loaded = loaded.borrow_mut();
        let period = loaded.period.clone();

        loaded.__account__.period = period;

        let participant = loaded.participant.clone();

        loaded.__account__.participant = participant;

        let run = loaded.run;

        loaded.__account__.run = run;

        let shared_in = loaded.shared_in;

        loaded.__account__.shared_in = shared_in;

        let shared_out = loaded.shared_out;

        loaded.__account__.shared_out = shared_out;

        let charge = loaded.charge;

        loaded.__account__.charge = charge;

        let credit = loaded.credit;

        loaded.__account__.credit = credit;

        let lent = loaded.lent;

        loaded.__account__.lent = lent;

        let objected = loaded.objected.clone();

        loaded.__account__.objected = objected;

        let settled = loaded.settled.clone();

        loaded.__account__.settled = settled;
    }
}

#[derive(Debug)]
pub struct LoadedLine<'info, 'entrypoint> {
    pub __account__: &'entrypoint mut Box<Account<'info, Line>>,
    pub __programs__: &'entrypoint ProgramsMap<'info>,
    pub period: Pubkey,
    pub participant: Pubkey,
    pub run: u64,
    pub shared_in: u64,
    pub shared_out: u64,
    pub charge: u64,
    pub credit: u64,
    pub lent: u64,
    pub objected: bool,
    pub settled: bool,
}

#[event]
pub struct LineOpened {
    pub community: Pubkey,
    pub period: Pubkey,
    pub participant: Pubkey,
    pub prepaid: u64,
    pub reserve: u64,
    pub sequence: u64,
}

#[derive(Clone, Debug, Default)]
pub struct LoadedLineOpened {
    pub community: Pubkey,
    pub period: Pubkey,
    pub participant: Pubkey,
    pub prepaid: u64,
    pub reserve: u64,
    pub sequence: u64,
}

impl Mutable<LoadedLineOpened> {
    fn __emit__(&self) {
        let e = self.borrow();

        emit!(LineOpened {
            community: e.community.clone(),
            period: e.period.clone(),
            participant: e.participant.clone(),
            prepaid: e.prepaid,
            reserve: e.reserve,
            sequence: e.sequence
        })
    }
}

impl LoadedLineOpened {
    pub fn __new__(
        community: Pubkey,
        period: Pubkey,
        participant: Pubkey,
        prepaid: u64,
        reserve: u64,
        sequence: u64,
    ) -> Mutable<Self> {
        let obj = LoadedLineOpened {
            community,
            period,
            participant,
            prepaid,
            reserve,
            sequence,
        };

        return Mutable::new(obj);
    }
}

impl Loadable for LineOpened {
    type Loaded = LoadedLineOpened;

    fn load(stored: Self) -> Self::Loaded {
        Self::Loaded {
            community: stored.community,
            period: stored.period,
            participant: stored.participant,
            prepaid: stored.prepaid,
            reserve: stored.reserve,
            sequence: stored.sequence,
        }
    }

    fn store(loaded: Self::Loaded) -> Self {
        Self {
            community: loaded.community.clone(),
            period: loaded.period.clone(),
            participant: loaded.participant.clone(),
            prepaid: loaded.prepaid,
            reserve: loaded.reserve,
            sequence: loaded.sequence,
        }
    }
}

#[event]
pub struct LinePosted {
    pub community: Pubkey,
    pub period: Pubkey,
    pub participant: Pubkey,
    pub shared_in: u64,
    pub shared_out: u64,
    pub charge: u64,
    pub credit: u64,
    pub pledged: u64,
    pub lent: u64,
    pub prepaid: u64,
    pub reserve: u64,
    pub sequence: u64,
}

#[derive(Clone, Debug, Default)]
pub struct LoadedLinePosted {
    pub community: Pubkey,
    pub period: Pubkey,
    pub participant: Pubkey,
    pub shared_in: u64,
    pub shared_out: u64,
    pub charge: u64,
    pub credit: u64,
    pub pledged: u64,
    pub lent: u64,
    pub prepaid: u64,
    pub reserve: u64,
    pub sequence: u64,
}

impl Mutable<LoadedLinePosted> {
    fn __emit__(&self) {
        let e = self.borrow();

        emit!(LinePosted {
            community: e.community.clone(),
            period: e.period.clone(),
            participant: e.participant.clone(),
            shared_in: e.shared_in,
            shared_out: e.shared_out,
            charge: e.charge,
            credit: e.credit,
            pledged: e.pledged,
            lent: e.lent,
            prepaid: e.prepaid,
            reserve: e.reserve,
            sequence: e.sequence
        })
    }
}

impl LoadedLinePosted {
    pub fn __new__(
        community: Pubkey,
        period: Pubkey,
        participant: Pubkey,
        shared_in: u64,
        shared_out: u64,
        charge: u64,
        credit: u64,
        pledged: u64,
        lent: u64,
        prepaid: u64,
        reserve: u64,
        sequence: u64,
    ) -> Mutable<Self> {
        let obj = LoadedLinePosted {
            community,
            period,
            participant,
            shared_in,
            shared_out,
            charge,
            credit,
            pledged,
            lent,
            prepaid,
            reserve,
            sequence,
        };

        return Mutable::new(obj);
    }
}

impl Loadable for LinePosted {
    type Loaded = LoadedLinePosted;

    fn load(stored: Self) -> Self::Loaded {
        Self::Loaded {
            community: stored.community,
            period: stored.period,
            participant: stored.participant,
            shared_in: stored.shared_in,
            shared_out: stored.shared_out,
            charge: stored.charge,
            credit: stored.credit,
            pledged: stored.pledged,
            lent: stored.lent,
            prepaid: stored.prepaid,
            reserve: stored.reserve,
            sequence: stored.sequence,
        }
    }

    fn store(loaded: Self::Loaded) -> Self {
        Self {
            community: loaded.community.clone(),
            period: loaded.period.clone(),
            participant: loaded.participant.clone(),
            shared_in: loaded.shared_in,
            shared_out: loaded.shared_out,
            charge: loaded.charge,
            credit: loaded.credit,
            pledged: loaded.pledged,
            lent: loaded.lent,
            prepaid: loaded.prepaid,
            reserve: loaded.reserve,
            sequence: loaded.sequence,
        }
    }
}

#[event]
pub struct LineSettled {
    pub community: Pubkey,
    pub period: Pubkey,
    pub participant: Pubkey,
    pub charge: u64,
    pub credit: u64,
    pub funds: u64,
    pub owed: u64,
    pub unsettled: u64,
    pub prepaid: u64,
    pub reserve: u64,
    pub sequence: u64,
}

#[derive(Clone, Debug, Default)]
pub struct LoadedLineSettled {
    pub community: Pubkey,
    pub period: Pubkey,
    pub participant: Pubkey,
    pub charge: u64,
    pub credit: u64,
    pub funds: u64,
    pub owed: u64,
    pub unsettled: u64,
    pub prepaid: u64,
    pub reserve: u64,
    pub sequence: u64,
}

impl Mutable<LoadedLineSettled> {
    fn __emit__(&self) {
        let e = self.borrow();

        emit!(LineSettled {
            community: e.community.clone(),
            period: e.period.clone(),
            participant: e.participant.clone(),
            charge: e.charge,
            credit: e.credit,
            funds: e.funds,
            owed: e.owed,
            unsettled: e.unsettled,
            prepaid: e.prepaid,
            reserve: e.reserve,
            sequence: e.sequence
        })
    }
}

impl LoadedLineSettled {
    pub fn __new__(
        community: Pubkey,
        period: Pubkey,
        participant: Pubkey,
        charge: u64,
        credit: u64,
        funds: u64,
        owed: u64,
        unsettled: u64,
        prepaid: u64,
        reserve: u64,
        sequence: u64,
    ) -> Mutable<Self> {
        let obj = LoadedLineSettled {
            community,
            period,
            participant,
            charge,
            credit,
            funds,
            owed,
            unsettled,
            prepaid,
            reserve,
            sequence,
        };

        return Mutable::new(obj);
    }
}

impl Loadable for LineSettled {
    type Loaded = LoadedLineSettled;

    fn load(stored: Self) -> Self::Loaded {
        Self::Loaded {
            community: stored.community,
            period: stored.period,
            participant: stored.participant,
            charge: stored.charge,
            credit: stored.credit,
            funds: stored.funds,
            owed: stored.owed,
            unsettled: stored.unsettled,
            prepaid: stored.prepaid,
            reserve: stored.reserve,
            sequence: stored.sequence,
        }
    }

    fn store(loaded: Self::Loaded) -> Self {
        Self {
            community: loaded.community.clone(),
            period: loaded.period.clone(),
            participant: loaded.participant.clone(),
            charge: loaded.charge,
            credit: loaded.credit,
            funds: loaded.funds,
            owed: loaded.owed,
            unsettled: loaded.unsettled,
            prepaid: loaded.prepaid,
            reserve: loaded.reserve,
            sequence: loaded.sequence,
        }
    }
}

#[event]
pub struct ObjectionRaised {
    pub community: Pubkey,
    pub period: Pubkey,
    pub participant: Pubkey,
    pub objection_count: u64,
    pub prepaid: u64,
    pub reserve: u64,
    pub sequence: u64,
}

#[derive(Clone, Debug, Default)]
pub struct LoadedObjectionRaised {
    pub community: Pubkey,
    pub period: Pubkey,
    pub participant: Pubkey,
    pub objection_count: u64,
    pub prepaid: u64,
    pub reserve: u64,
    pub sequence: u64,
}

impl Mutable<LoadedObjectionRaised> {
    fn __emit__(&self) {
        let e = self.borrow();

        emit!(ObjectionRaised {
            community: e.community.clone(),
            period: e.period.clone(),
            participant: e.participant.clone(),
            objection_count: e.objection_count,
            prepaid: e.prepaid,
            reserve: e.reserve,
            sequence: e.sequence
        })
    }
}

impl LoadedObjectionRaised {
    pub fn __new__(
        community: Pubkey,
        period: Pubkey,
        participant: Pubkey,
        objection_count: u64,
        prepaid: u64,
        reserve: u64,
        sequence: u64,
    ) -> Mutable<Self> {
        let obj = LoadedObjectionRaised {
            community,
            period,
            participant,
            objection_count,
            prepaid,
            reserve,
            sequence,
        };

        return Mutable::new(obj);
    }
}

impl Loadable for ObjectionRaised {
    type Loaded = LoadedObjectionRaised;

    fn load(stored: Self) -> Self::Loaded {
        Self::Loaded {
            community: stored.community,
            period: stored.period,
            participant: stored.participant,
            objection_count: stored.objection_count,
            prepaid: stored.prepaid,
            reserve: stored.reserve,
            sequence: stored.sequence,
        }
    }

    fn store(loaded: Self::Loaded) -> Self {
        Self {
            community: loaded.community.clone(),
            period: loaded.period.clone(),
            participant: loaded.participant.clone(),
            objection_count: loaded.objection_count,
            prepaid: loaded.prepaid,
            reserve: loaded.reserve,
            sequence: loaded.sequence,
        }
    }
}

#[account]
#[derive(Debug)]
pub struct Participant {
    pub community: Pubkey,
    pub owner: Pubkey,
    pub joined: u64,
    pub left: u64,
    pub funds: u64,
    pub owed: u64,
    pub credit_limit: u64,
    pub pledged: u64,
    pub run: u64,
}

impl<'info, 'entrypoint> Participant {
    pub fn load(
        account: &'entrypoint mut Box<Account<'info, Self>>,
        programs_map: &'entrypoint ProgramsMap<'info>,
    ) -> Mutable<LoadedParticipant<'info, 'entrypoint>> {
        let community = account.community.clone();
        let owner = account.owner.clone();
        let joined = account.joined;
        let left = account.left;
        let funds = account.funds;
        let owed = account.owed;
        let credit_limit = account.credit_limit;
        let pledged = account.pledged;
        let run = account.run;

        Mutable::new(LoadedParticipant {
            __account__: account,
            __programs__: programs_map,
            community,
            owner,
            joined,
            left,
            funds,
            owed,
            credit_limit,
            pledged,
            run,
        })
    }

    pub fn store(loaded: Mutable<LoadedParticipant>) {
        let mut loaded = loaded.borrow_mut();
        let community = loaded.community.clone();

        loaded.__account__.community = community;

        let owner = loaded.owner.clone();

        loaded.__account__.owner = owner;

        let joined = loaded.joined;

        loaded.__account__.joined = joined;

        let left = loaded.left;

        loaded.__account__.left = left;

        let funds = loaded.funds;

        loaded.__account__.funds = funds;

        let owed = loaded.owed;

        loaded.__account__.owed = owed;

        let credit_limit = loaded.credit_limit;

        loaded.__account__.credit_limit = credit_limit;

        let pledged = loaded.pledged;

        loaded.__account__.pledged = pledged;

        let run = loaded.run;

        loaded.__account__.run = run;
    }
}

#[derive(Debug)]
pub struct LoadedParticipant<'info, 'entrypoint> {
    pub __account__: &'entrypoint mut Box<Account<'info, Participant>>,
    pub __programs__: &'entrypoint ProgramsMap<'info>,
    pub community: Pubkey,
    pub owner: Pubkey,
    pub joined: u64,
    pub left: u64,
    pub funds: u64,
    pub owed: u64,
    pub credit_limit: u64,
    pub pledged: u64,
    pub run: u64,
}

#[event]
pub struct ParticipantAdmitted {
    pub community: Pubkey,
    pub participant: Pubkey,
    pub credit_limit: u64,
    pub participant_count: u64,
    pub prepaid: u64,
    pub reserve: u64,
    pub sequence: u64,
}

#[derive(Clone, Debug, Default)]
pub struct LoadedParticipantAdmitted {
    pub community: Pubkey,
    pub participant: Pubkey,
    pub credit_limit: u64,
    pub participant_count: u64,
    pub prepaid: u64,
    pub reserve: u64,
    pub sequence: u64,
}

impl Mutable<LoadedParticipantAdmitted> {
    fn __emit__(&self) {
        let e = self.borrow();

        emit!(ParticipantAdmitted {
            community: e.community.clone(),
            participant: e.participant.clone(),
            credit_limit: e.credit_limit,
            participant_count: e.participant_count,
            prepaid: e.prepaid,
            reserve: e.reserve,
            sequence: e.sequence
        })
    }
}

impl LoadedParticipantAdmitted {
    pub fn __new__(
        community: Pubkey,
        participant: Pubkey,
        credit_limit: u64,
        participant_count: u64,
        prepaid: u64,
        reserve: u64,
        sequence: u64,
    ) -> Mutable<Self> {
        let obj = LoadedParticipantAdmitted {
            community,
            participant,
            credit_limit,
            participant_count,
            prepaid,
            reserve,
            sequence,
        };

        return Mutable::new(obj);
    }
}

impl Loadable for ParticipantAdmitted {
    type Loaded = LoadedParticipantAdmitted;

    fn load(stored: Self) -> Self::Loaded {
        Self::Loaded {
            community: stored.community,
            participant: stored.participant,
            credit_limit: stored.credit_limit,
            participant_count: stored.participant_count,
            prepaid: stored.prepaid,
            reserve: stored.reserve,
            sequence: stored.sequence,
        }
    }

    fn store(loaded: Self::Loaded) -> Self {
        Self {
            community: loaded.community.clone(),
            participant: loaded.participant.clone(),
            credit_limit: loaded.credit_limit,
            participant_count: loaded.participant_count,
            prepaid: loaded.prepaid,
            reserve: loaded.reserve,
            sequence: loaded.sequence,
        }
    }
}

#[event]
pub struct ParticipantLeft {
    pub community: Pubkey,
    pub participant: Pubkey,
    pub participant_count: u64,
    pub prepaid: u64,
    pub reserve: u64,
    pub sequence: u64,
}

#[derive(Clone, Debug, Default)]
pub struct LoadedParticipantLeft {
    pub community: Pubkey,
    pub participant: Pubkey,
    pub participant_count: u64,
    pub prepaid: u64,
    pub reserve: u64,
    pub sequence: u64,
}

impl Mutable<LoadedParticipantLeft> {
    fn __emit__(&self) {
        let e = self.borrow();

        emit!(ParticipantLeft {
            community: e.community.clone(),
            participant: e.participant.clone(),
            participant_count: e.participant_count,
            prepaid: e.prepaid,
            reserve: e.reserve,
            sequence: e.sequence
        })
    }
}

impl LoadedParticipantLeft {
    pub fn __new__(
        community: Pubkey,
        participant: Pubkey,
        participant_count: u64,
        prepaid: u64,
        reserve: u64,
        sequence: u64,
    ) -> Mutable<Self> {
        let obj = LoadedParticipantLeft {
            community,
            participant,
            participant_count,
            prepaid,
            reserve,
            sequence,
        };

        return Mutable::new(obj);
    }
}

impl Loadable for ParticipantLeft {
    type Loaded = LoadedParticipantLeft;

    fn load(stored: Self) -> Self::Loaded {
        Self::Loaded {
            community: stored.community,
            participant: stored.participant,
            participant_count: stored.participant_count,
            prepaid: stored.prepaid,
            reserve: stored.reserve,
            sequence: stored.sequence,
        }
    }

    fn store(loaded: Self::Loaded) -> Self {
        Self {
            community: loaded.community.clone(),
            participant: loaded.participant.clone(),
            participant_count: loaded.participant_count,
            prepaid: loaded.prepaid,
            reserve: loaded.reserve,
            sequence: loaded.sequence,
        }
    }
}

#[event]
pub struct ParticipantOpened {
    pub community: Pubkey,
    pub participant: Pubkey,
    pub owner: Pubkey,
    pub prepaid: u64,
    pub reserve: u64,
    pub sequence: u64,
}

#[derive(Clone, Debug, Default)]
pub struct LoadedParticipantOpened {
    pub community: Pubkey,
    pub participant: Pubkey,
    pub owner: Pubkey,
    pub prepaid: u64,
    pub reserve: u64,
    pub sequence: u64,
}

impl Mutable<LoadedParticipantOpened> {
    fn __emit__(&self) {
        let e = self.borrow();

        emit!(ParticipantOpened {
            community: e.community.clone(),
            participant: e.participant.clone(),
            owner: e.owner.clone(),
            prepaid: e.prepaid,
            reserve: e.reserve,
            sequence: e.sequence
        })
    }
}

impl LoadedParticipantOpened {
    pub fn __new__(
        community: Pubkey,
        participant: Pubkey,
        owner: Pubkey,
        prepaid: u64,
        reserve: u64,
        sequence: u64,
    ) -> Mutable<Self> {
        let obj = LoadedParticipantOpened {
            community,
            participant,
            owner,
            prepaid,
            reserve,
            sequence,
        };

        return Mutable::new(obj);
    }
}

impl Loadable for ParticipantOpened {
    type Loaded = LoadedParticipantOpened;

    fn load(stored: Self) -> Self::Loaded {
        Self::Loaded {
            community: stored.community,
            participant: stored.participant,
            owner: stored.owner,
            prepaid: stored.prepaid,
            reserve: stored.reserve,
            sequence: stored.sequence,
        }
    }

    fn store(loaded: Self::Loaded) -> Self {
        Self {
            community: loaded.community.clone(),
            participant: loaded.participant.clone(),
            owner: loaded.owner.clone(),
            prepaid: loaded.prepaid,
            reserve: loaded.reserve,
            sequence: loaded.sequence,
        }
    }
}

#[account]
#[derive(Debug)]
pub struct Period {
    pub community: Pubkey,
    pub digest: Pubkey,
    pub run: u64,
    pub starts_at: i64,
    pub ends_at: i64,
    pub begun_at: i64,
    pub closed_at: i64,
    pub objection_time: i64,
    pub participant_count: u64,
    pub posted_count: u64,
    pub settled_count: u64,
    pub objection_count: u64,
    pub shared_in: u64,
    pub shared_out: u64,
    pub charges: u64,
    pub credits: u64,
    pub collected: u64,
    pub paid: u64,
    pub fee_bps: u16,
    pub number: u8,
    pub state: State,
}

impl<'info, 'entrypoint> Period {
    pub fn load(
        account: &'entrypoint mut Box<Account<'info, Self>>,
        programs_map: &'entrypoint ProgramsMap<'info>,
    ) -> Mutable<LoadedPeriod<'info, 'entrypoint>> {
        let community = account.community.clone();
        let digest = account.digest.clone();
        let run = account.run;
        let starts_at = account.starts_at;
        let ends_at = account.ends_at;
        let begun_at = account.begun_at;
        let closed_at = account.closed_at;
        let objection_time = account.objection_time;
        let participant_count = account.participant_count;
        let posted_count = account.posted_count;
        let settled_count = account.settled_count;
        let objection_count = account.objection_count;
        let shared_in = account.shared_in;
        let shared_out = account.shared_out;
        let charges = account.charges;
        let credits = account.credits;
        let collected = account.collected;
        let paid = account.paid;
        let fee_bps = account.fee_bps;
        let number = account.number;
        let state = account.state.clone();

        Mutable::new(LoadedPeriod {
            __account__: account,
            __programs__: programs_map,
            community,
            digest,
            run,
            starts_at,
            ends_at,
            begun_at,
            closed_at,
            objection_time,
            participant_count,
            posted_count,
            settled_count,
            objection_count,
            shared_in,
            shared_out,
            charges,
            credits,
            collected,
            paid,
            fee_bps,
            number,
            state,
        })
    }

    pub fn store(loaded: Mutable<LoadedPeriod>) {
        let mut loaded = loaded.borrow_mut();
        let community = loaded.community.clone();

        loaded.__account__.community = community;

        let digest = loaded.digest.clone();

        loaded.__account__.digest = digest;

        let run = loaded.run;

        loaded.__account__.run = run;

        let starts_at = loaded.starts_at;

        loaded.__account__.starts_at = starts_at;

        let ends_at = loaded.ends_at;

        loaded.__account__.ends_at = ends_at;

        let begun_at = loaded.begun_at;

        loaded.__account__.begun_at = begun_at;

        let closed_at = loaded.closed_at;

        loaded.__account__.closed_at = closed_at;

        let objection_time = loaded.objection_time;

        loaded.__account__.objection_time = objection_time;

        let participant_count = loaded.participant_count;

        loaded.__account__.participant_count = participant_count;

        let posted_count = loaded.posted_count;

        loaded.__account__.posted_count = posted_count;

        let settled_count = loaded.settled_count;

        loaded.__account__.settled_count = settled_count;

        let objection_count = loaded.objection_count;

        loaded.__account__.objection_count = objection_count;

        let shared_in = loaded.shared_in;

        loaded.__account__.shared_in = shared_in;

        let shared_out = loaded.shared_out;

        loaded.__account__.shared_out = shared_out;

        let charges = loaded.charges;

        loaded.__account__.charges = charges;

        let credits = loaded.credits;

        loaded.__account__.credits = credits;

        let collected = loaded.collected;

        loaded.__account__.collected = collected;

        let paid = loaded.paid;

        loaded.__account__.paid = paid;

        let fee_bps = loaded.fee_bps;

        loaded.__account__.fee_bps = fee_bps;

        let number = loaded.number;

        loaded.__account__.number = number;

        let state = loaded.state.clone();

        loaded.__account__.state = state;
    }
}

#[derive(Debug)]
pub struct LoadedPeriod<'info, 'entrypoint> {
    pub __account__: &'entrypoint mut Box<Account<'info, Period>>,
    pub __programs__: &'entrypoint ProgramsMap<'info>,
    pub community: Pubkey,
    pub digest: Pubkey,
    pub run: u64,
    pub starts_at: i64,
    pub ends_at: i64,
    pub begun_at: i64,
    pub closed_at: i64,
    pub objection_time: i64,
    pub participant_count: u64,
    pub posted_count: u64,
    pub settled_count: u64,
    pub objection_count: u64,
    pub shared_in: u64,
    pub shared_out: u64,
    pub charges: u64,
    pub credits: u64,
    pub collected: u64,
    pub paid: u64,
    pub fee_bps: u16,
    pub number: u8,
    pub state: State,
}

#[event]
pub struct PeriodBegun {
    pub community: Pubkey,
    pub period: Pubkey,
    pub starts_at: i64,
    pub ends_at: i64,
    pub digest: Pubkey,
    pub participant_count: u64,
    pub objection_time: i64,
    pub fee_bps: u16,
    pub prepaid: u64,
    pub reserve: u64,
    pub sequence: u64,
}

#[derive(Clone, Debug, Default)]
pub struct LoadedPeriodBegun {
    pub community: Pubkey,
    pub period: Pubkey,
    pub starts_at: i64,
    pub ends_at: i64,
    pub digest: Pubkey,
    pub participant_count: u64,
    pub objection_time: i64,
    pub fee_bps: u16,
    pub prepaid: u64,
    pub reserve: u64,
    pub sequence: u64,
}

impl Mutable<LoadedPeriodBegun> {
    fn __emit__(&self) {
        let e = self.borrow();

        emit!(PeriodBegun {
            community: e.community.clone(),
            period: e.period.clone(),
            starts_at: e.starts_at,
            ends_at: e.ends_at,
            digest: e.digest.clone(),
            participant_count: e.participant_count,
            objection_time: e.objection_time,
            fee_bps: e.fee_bps,
            prepaid: e.prepaid,
            reserve: e.reserve,
            sequence: e.sequence
        })
    }
}

impl LoadedPeriodBegun {
    pub fn __new__(
        community: Pubkey,
        period: Pubkey,
        starts_at: i64,
        ends_at: i64,
        digest: Pubkey,
        participant_count: u64,
        objection_time: i64,
        fee_bps: u16,
        prepaid: u64,
        reserve: u64,
        sequence: u64,
    ) -> Mutable<Self> {
        let obj = LoadedPeriodBegun {
            community,
            period,
            starts_at,
            ends_at,
            digest,
            participant_count,
            objection_time,
            fee_bps,
            prepaid,
            reserve,
            sequence,
        };

        return Mutable::new(obj);
    }
}

impl Loadable for PeriodBegun {
    type Loaded = LoadedPeriodBegun;

    fn load(stored: Self) -> Self::Loaded {
        Self::Loaded {
            community: stored.community,
            period: stored.period,
            starts_at: stored.starts_at,
            ends_at: stored.ends_at,
            digest: stored.digest,
            participant_count: stored.participant_count,
            objection_time: stored.objection_time,
            fee_bps: stored.fee_bps,
            prepaid: stored.prepaid,
            reserve: stored.reserve,
            sequence: stored.sequence,
        }
    }

    fn store(loaded: Self::Loaded) -> Self {
        Self {
            community: loaded.community.clone(),
            period: loaded.period.clone(),
            starts_at: loaded.starts_at,
            ends_at: loaded.ends_at,
            digest: loaded.digest.clone(),
            participant_count: loaded.participant_count,
            objection_time: loaded.objection_time,
            fee_bps: loaded.fee_bps,
            prepaid: loaded.prepaid,
            reserve: loaded.reserve,
            sequence: loaded.sequence,
        }
    }
}

#[event]
pub struct PeriodClosed {
    pub community: Pubkey,
    pub period: Pubkey,
    pub shared: u64,
    pub charges: u64,
    pub credits: u64,
    pub settles_at: i64,
    pub prepaid: u64,
    pub reserve: u64,
    pub sequence: u64,
}

#[derive(Clone, Debug, Default)]
pub struct LoadedPeriodClosed {
    pub community: Pubkey,
    pub period: Pubkey,
    pub shared: u64,
    pub charges: u64,
    pub credits: u64,
    pub settles_at: i64,
    pub prepaid: u64,
    pub reserve: u64,
    pub sequence: u64,
}

impl Mutable<LoadedPeriodClosed> {
    fn __emit__(&self) {
        let e = self.borrow();

        emit!(PeriodClosed {
            community: e.community.clone(),
            period: e.period.clone(),
            shared: e.shared,
            charges: e.charges,
            credits: e.credits,
            settles_at: e.settles_at,
            prepaid: e.prepaid,
            reserve: e.reserve,
            sequence: e.sequence
        })
    }
}

impl LoadedPeriodClosed {
    pub fn __new__(
        community: Pubkey,
        period: Pubkey,
        shared: u64,
        charges: u64,
        credits: u64,
        settles_at: i64,
        prepaid: u64,
        reserve: u64,
        sequence: u64,
    ) -> Mutable<Self> {
        let obj = LoadedPeriodClosed {
            community,
            period,
            shared,
            charges,
            credits,
            settles_at,
            prepaid,
            reserve,
            sequence,
        };

        return Mutable::new(obj);
    }
}

impl Loadable for PeriodClosed {
    type Loaded = LoadedPeriodClosed;

    fn load(stored: Self) -> Self::Loaded {
        Self::Loaded {
            community: stored.community,
            period: stored.period,
            shared: stored.shared,
            charges: stored.charges,
            credits: stored.credits,
            settles_at: stored.settles_at,
            prepaid: stored.prepaid,
            reserve: stored.reserve,
            sequence: stored.sequence,
        }
    }

    fn store(loaded: Self::Loaded) -> Self {
        Self {
            community: loaded.community.clone(),
            period: loaded.period.clone(),
            shared: loaded.shared,
            charges: loaded.charges,
            credits: loaded.credits,
            settles_at: loaded.settles_at,
            prepaid: loaded.prepaid,
            reserve: loaded.reserve,
            sequence: loaded.sequence,
        }
    }
}

#[event]
pub struct PeriodOpened {
    pub community: Pubkey,
    pub period: Pubkey,
    pub number: u8,
    pub prepaid: u64,
    pub reserve: u64,
    pub sequence: u64,
}

#[derive(Clone, Debug, Default)]
pub struct LoadedPeriodOpened {
    pub community: Pubkey,
    pub period: Pubkey,
    pub number: u8,
    pub prepaid: u64,
    pub reserve: u64,
    pub sequence: u64,
}

impl Mutable<LoadedPeriodOpened> {
    fn __emit__(&self) {
        let e = self.borrow();

        emit!(PeriodOpened {
            community: e.community.clone(),
            period: e.period.clone(),
            number: e.number,
            prepaid: e.prepaid,
            reserve: e.reserve,
            sequence: e.sequence
        })
    }
}

impl LoadedPeriodOpened {
    pub fn __new__(
        community: Pubkey,
        period: Pubkey,
        number: u8,
        prepaid: u64,
        reserve: u64,
        sequence: u64,
    ) -> Mutable<Self> {
        let obj = LoadedPeriodOpened {
            community,
            period,
            number,
            prepaid,
            reserve,
            sequence,
        };

        return Mutable::new(obj);
    }
}

impl Loadable for PeriodOpened {
    type Loaded = LoadedPeriodOpened;

    fn load(stored: Self) -> Self::Loaded {
        Self::Loaded {
            community: stored.community,
            period: stored.period,
            number: stored.number,
            prepaid: stored.prepaid,
            reserve: stored.reserve,
            sequence: stored.sequence,
        }
    }

    fn store(loaded: Self::Loaded) -> Self {
        Self {
            community: loaded.community.clone(),
            period: loaded.period.clone(),
            number: loaded.number,
            prepaid: loaded.prepaid,
            reserve: loaded.reserve,
            sequence: loaded.sequence,
        }
    }
}

#[event]
pub struct PeriodWithdrawn {
    pub community: Pubkey,
    pub period: Pubkey,
    pub posted_count: u64,
    pub objection_count: u64,
    pub prepaid: u64,
    pub reserve: u64,
    pub sequence: u64,
}

#[derive(Clone, Debug, Default)]
pub struct LoadedPeriodWithdrawn {
    pub community: Pubkey,
    pub period: Pubkey,
    pub posted_count: u64,
    pub objection_count: u64,
    pub prepaid: u64,
    pub reserve: u64,
    pub sequence: u64,
}

impl Mutable<LoadedPeriodWithdrawn> {
    fn __emit__(&self) {
        let e = self.borrow();

        emit!(PeriodWithdrawn {
            community: e.community.clone(),
            period: e.period.clone(),
            posted_count: e.posted_count,
            objection_count: e.objection_count,
            prepaid: e.prepaid,
            reserve: e.reserve,
            sequence: e.sequence
        })
    }
}

impl LoadedPeriodWithdrawn {
    pub fn __new__(
        community: Pubkey,
        period: Pubkey,
        posted_count: u64,
        objection_count: u64,
        prepaid: u64,
        reserve: u64,
        sequence: u64,
    ) -> Mutable<Self> {
        let obj = LoadedPeriodWithdrawn {
            community,
            period,
            posted_count,
            objection_count,
            prepaid,
            reserve,
            sequence,
        };

        return Mutable::new(obj);
    }
}

impl Loadable for PeriodWithdrawn {
    type Loaded = LoadedPeriodWithdrawn;

    fn load(stored: Self) -> Self::Loaded {
        Self::Loaded {
            community: stored.community,
            period: stored.period,
            posted_count: stored.posted_count,
            objection_count: stored.objection_count,
            prepaid: stored.prepaid,
            reserve: stored.reserve,
            sequence: stored.sequence,
        }
    }

    fn store(loaded: Self::Loaded) -> Self {
        Self {
            community: loaded.community.clone(),
            period: loaded.period.clone(),
            posted_count: loaded.posted_count,
            objection_count: loaded.objection_count,
            prepaid: loaded.prepaid,
            reserve: loaded.reserve,
            sequence: loaded.sequence,
        }
    }
}

#[event]
pub struct PolicySet {
    pub community: Pubkey,
    pub objection_time: i64,
    pub fee_bps: u16,
    pub prepaid: u64,
    pub reserve: u64,
    pub sequence: u64,
}

#[derive(Clone, Debug, Default)]
pub struct LoadedPolicySet {
    pub community: Pubkey,
    pub objection_time: i64,
    pub fee_bps: u16,
    pub prepaid: u64,
    pub reserve: u64,
    pub sequence: u64,
}

impl Mutable<LoadedPolicySet> {
    fn __emit__(&self) {
        let e = self.borrow();

        emit!(PolicySet {
            community: e.community.clone(),
            objection_time: e.objection_time,
            fee_bps: e.fee_bps,
            prepaid: e.prepaid,
            reserve: e.reserve,
            sequence: e.sequence
        })
    }
}

impl LoadedPolicySet {
    pub fn __new__(
        community: Pubkey,
        objection_time: i64,
        fee_bps: u16,
        prepaid: u64,
        reserve: u64,
        sequence: u64,
    ) -> Mutable<Self> {
        let obj = LoadedPolicySet {
            community,
            objection_time,
            fee_bps,
            prepaid,
            reserve,
            sequence,
        };

        return Mutable::new(obj);
    }
}

impl Loadable for PolicySet {
    type Loaded = LoadedPolicySet;

    fn load(stored: Self) -> Self::Loaded {
        Self::Loaded {
            community: stored.community,
            objection_time: stored.objection_time,
            fee_bps: stored.fee_bps,
            prepaid: stored.prepaid,
            reserve: stored.reserve,
            sequence: stored.sequence,
        }
    }

    fn store(loaded: Self::Loaded) -> Self {
        Self {
            community: loaded.community.clone(),
            objection_time: loaded.objection_time,
            fee_bps: loaded.fee_bps,
            prepaid: loaded.prepaid,
            reserve: loaded.reserve,
            sequence: loaded.sequence,
        }
    }
}

#[event]
pub struct ReserveDeposited {
    pub community: Pubkey,
    pub amount: u64,
    pub prepaid: u64,
    pub reserve: u64,
    pub sequence: u64,
}

#[derive(Clone, Debug, Default)]
pub struct LoadedReserveDeposited {
    pub community: Pubkey,
    pub amount: u64,
    pub prepaid: u64,
    pub reserve: u64,
    pub sequence: u64,
}

impl Mutable<LoadedReserveDeposited> {
    fn __emit__(&self) {
        let e = self.borrow();

        emit!(ReserveDeposited {
            community: e.community.clone(),
            amount: e.amount,
            prepaid: e.prepaid,
            reserve: e.reserve,
            sequence: e.sequence
        })
    }
}

impl LoadedReserveDeposited {
    pub fn __new__(
        community: Pubkey,
        amount: u64,
        prepaid: u64,
        reserve: u64,
        sequence: u64,
    ) -> Mutable<Self> {
        let obj = LoadedReserveDeposited {
            community,
            amount,
            prepaid,
            reserve,
            sequence,
        };

        return Mutable::new(obj);
    }
}

impl Loadable for ReserveDeposited {
    type Loaded = LoadedReserveDeposited;

    fn load(stored: Self) -> Self::Loaded {
        Self::Loaded {
            community: stored.community,
            amount: stored.amount,
            prepaid: stored.prepaid,
            reserve: stored.reserve,
            sequence: stored.sequence,
        }
    }

    fn store(loaded: Self::Loaded) -> Self {
        Self {
            community: loaded.community.clone(),
            amount: loaded.amount,
            prepaid: loaded.prepaid,
            reserve: loaded.reserve,
            sequence: loaded.sequence,
        }
    }
}

#[event]
pub struct ReserveWithdrawn {
    pub community: Pubkey,
    pub amount: u64,
    pub prepaid: u64,
    pub reserve: u64,
    pub sequence: u64,
}

#[derive(Clone, Debug, Default)]
pub struct LoadedReserveWithdrawn {
    pub community: Pubkey,
    pub amount: u64,
    pub prepaid: u64,
    pub reserve: u64,
    pub sequence: u64,
}

impl Mutable<LoadedReserveWithdrawn> {
    fn __emit__(&self) {
        let e = self.borrow();

        emit!(ReserveWithdrawn {
            community: e.community.clone(),
            amount: e.amount,
            prepaid: e.prepaid,
            reserve: e.reserve,
            sequence: e.sequence
        })
    }
}

impl LoadedReserveWithdrawn {
    pub fn __new__(
        community: Pubkey,
        amount: u64,
        prepaid: u64,
        reserve: u64,
        sequence: u64,
    ) -> Mutable<Self> {
        let obj = LoadedReserveWithdrawn {
            community,
            amount,
            prepaid,
            reserve,
            sequence,
        };

        return Mutable::new(obj);
    }
}

impl Loadable for ReserveWithdrawn {
    type Loaded = LoadedReserveWithdrawn;

    fn load(stored: Self) -> Self::Loaded {
        Self::Loaded {
            community: stored.community,
            amount: stored.amount,
            prepaid: stored.prepaid,
            reserve: stored.reserve,
            sequence: stored.sequence,
        }
    }

    fn store(loaded: Self::Loaded) -> Self {
        Self {
            community: loaded.community.clone(),
            amount: loaded.amount,
            prepaid: loaded.prepaid,
            reserve: loaded.reserve,
            sequence: loaded.sequence,
        }
    }
}

#[derive(Clone, Debug, PartialEq, AnchorSerialize, AnchorDeserialize, Copy)]
pub enum State {
    UNUSED,
    POSTING,
    CLOSED,
    SETTLED,
    WITHDRAWN,
}

impl Default for State {
    fn default() -> Self {
        State::UNUSED
    }
}

#[event]
pub struct Withdrawn {
    pub community: Pubkey,
    pub participant: Pubkey,
    pub amount: u64,
    pub funds: u64,
    pub prepaid: u64,
    pub reserve: u64,
    pub sequence: u64,
}

#[derive(Clone, Debug, Default)]
pub struct LoadedWithdrawn {
    pub community: Pubkey,
    pub participant: Pubkey,
    pub amount: u64,
    pub funds: u64,
    pub prepaid: u64,
    pub reserve: u64,
    pub sequence: u64,
}

impl Mutable<LoadedWithdrawn> {
    fn __emit__(&self) {
        let e = self.borrow();

        emit!(Withdrawn {
            community: e.community.clone(),
            participant: e.participant.clone(),
            amount: e.amount,
            funds: e.funds,
            prepaid: e.prepaid,
            reserve: e.reserve,
            sequence: e.sequence
        })
    }
}

impl LoadedWithdrawn {
    pub fn __new__(
        community: Pubkey,
        participant: Pubkey,
        amount: u64,
        funds: u64,
        prepaid: u64,
        reserve: u64,
        sequence: u64,
    ) -> Mutable<Self> {
        let obj = LoadedWithdrawn {
            community,
            participant,
            amount,
            funds,
            prepaid,
            reserve,
            sequence,
        };

        return Mutable::new(obj);
    }
}

impl Loadable for Withdrawn {
    type Loaded = LoadedWithdrawn;

    fn load(stored: Self) -> Self::Loaded {
        Self::Loaded {
            community: stored.community,
            participant: stored.participant,
            amount: stored.amount,
            funds: stored.funds,
            prepaid: stored.prepaid,
            reserve: stored.reserve,
            sequence: stored.sequence,
        }
    }

    fn store(loaded: Self::Loaded) -> Self {
        Self {
            community: loaded.community.clone(),
            participant: loaded.participant.clone(),
            amount: loaded.amount,
            funds: loaded.funds,
            prepaid: loaded.prepaid,
            reserve: loaded.reserve,
            sequence: loaded.sequence,
        }
    }
}

pub fn accept_authority_handler<'info>(
    mut authority: SeahorseSigner<'info, '_>,
    mut community: Mutable<LoadedCommunity<'info, '_>>,
) -> () {
    if !(community.borrow().pending_authority != community.borrow().authority) {
        panic!("no new authority is proposed");
    }

    if !(community.borrow().pending_authority == authority.key()) {
        panic!("signer is not the proposed authority");
    }

    assign!(community.borrow_mut().authority, authority.key());

    assign!(
        community.borrow_mut().sequence,
        community.borrow().sequence + 1
    );

    let mut event = <Loaded!(AuthorityAccepted)>::__new__(
        community.borrow().__account__.key(),
        authority.key(),
        community.borrow().prepaid.clone(),
        community.borrow().reserve.clone(),
        community.borrow().sequence.clone(),
    );

    event.__emit__();
}

pub fn admit_handler<'info>(
    mut authority: SeahorseSigner<'info, '_>,
    mut community: Mutable<LoadedCommunity<'info, '_>>,
    mut participant: Mutable<LoadedParticipant<'info, '_>>,
    mut credit_limit: u64,
) -> () {
    assert_authority(community.clone(), authority.clone());

    assert_not_paused(community.clone());

    assert_participant_of(participant.clone(), community.clone());

    if !(!is_admitted(participant.clone())) {
        panic!("participant is admitted already");
    }

    let mut was_there = (participant.borrow().left > 0) && (community.borrow().run > 0);

    if !((!was_there) || (participant.borrow().left < community.borrow().run)) {
        panic!("participant left during this period");
    }

    assign!(
        community.borrow_mut().participant_count,
        community.borrow().participant_count + 1
    );

    assign!(
        community.borrow_mut().sequence,
        community.borrow().sequence + 1
    );

    assign!(participant.borrow_mut().joined, community.borrow().sequence);

    assign!(participant.borrow_mut().left, 0);

    assign!(participant.borrow_mut().credit_limit, credit_limit);

    let mut event = <Loaded!(ParticipantAdmitted)>::__new__(
        community.borrow().__account__.key(),
        participant.borrow().__account__.key(),
        credit_limit.clone(),
        community.borrow().participant_count.clone(),
        community.borrow().prepaid.clone(),
        community.borrow().reserve.clone(),
        community.borrow().sequence.clone(),
    );

    event.__emit__();
}

pub fn assert_admitted<'info>(mut participant: Mutable<LoadedParticipant<'info, '_>>) -> () {
    if !is_admitted(participant.clone()) {
        panic!("participant is not admitted");
    }
}

pub fn assert_amount(mut amount: u64) -> () {
    if !(amount > 0) {
        panic!("amount must be positive");
    }
}

pub fn assert_authority<'info>(
    mut community: Mutable<LoadedCommunity<'info, '_>>,
    mut authority: SeahorseSigner<'info, '_>,
) -> () {
    if !(community.borrow().authority == authority.key()) {
        panic!("signer is not the authority");
    }
}

pub fn assert_destination<'info>(
    mut destination: SeahorseAccount<'info, '_, TokenAccount>,
    mut vault: SeahorseAccount<'info, '_, TokenAccount>,
) -> () {
    if !(destination.key() != vault.key()) {
        panic!("destination is the vault");
    }

    if !(destination.mint == vault.mint) {
        panic!("destination holds another mint");
    }
}

pub fn assert_fee<'info>(mut period: Mutable<LoadedPeriod<'info, '_>>) -> () {
    if !(period.borrow().credits <= period.borrow().charges) {
        panic!("credits exceed the charges");
    }

    if !((period.borrow().charges - period.borrow().credits) <= fee_limit_of(period.clone())) {
        panic!("fee exceeds the policy");
    }
}

pub fn assert_line_of<'info>(
    mut line: Mutable<LoadedLine<'info, '_>>,
    mut period: Mutable<LoadedPeriod<'info, '_>>,
    mut participant: Mutable<LoadedParticipant<'info, '_>>,
) -> () {
    if !(line.borrow().period == period.borrow().__account__.key()) {
        panic!("line belongs to another period");
    }

    if !(line.borrow().participant == participant.borrow().__account__.key()) {
        panic!("line belongs to another participant");
    }
}

pub fn assert_not_paused<'info>(mut community: Mutable<LoadedCommunity<'info, '_>>) -> () {
    if !(!community.borrow().paused) {
        panic!("community is paused");
    }
}

pub fn assert_owned_participant_of<'info>(
    mut participant: Mutable<LoadedParticipant<'info, '_>>,
    mut community: Mutable<LoadedCommunity<'info, '_>>,
    mut owner: SeahorseSigner<'info, '_>,
) -> () {
    assert_participant_of(participant.clone(), community.clone());

    if !(participant.borrow().owner == owner.key()) {
        panic!("participant belongs to another owner");
    }
}

pub fn assert_participant_of<'info>(
    mut participant: Mutable<LoadedParticipant<'info, '_>>,
    mut community: Mutable<LoadedCommunity<'info, '_>>,
) -> () {
    if !(participant.borrow().community == community.borrow().__account__.key()) {
        panic!("participant belongs to another community");
    }
}

pub fn assert_period_of<'info>(
    mut period: Mutable<LoadedPeriod<'info, '_>>,
    mut community: Mutable<LoadedCommunity<'info, '_>>,
) -> () {
    if !(period.borrow().community == community.borrow().__account__.key()) {
        panic!("period belongs to another community");
    }
}

pub fn assert_policy(mut objection_time: i64, mut fee_bps: u16) -> () {
    if !(objection_time > 0) {
        panic!("objection time must be positive");
    }

    if !(objection_time <= MAX_OBJECTION_TIME!()) {
        panic!("objection time exceeds 30 days");
    }

    if !(fee_bps <= MAX_FEE_BPS!()) {
        panic!("fee exceeds 2000 basis points");
    }
}

pub fn assert_posted<'info>(
    mut line: Mutable<LoadedLine<'info, '_>>,
    mut period: Mutable<LoadedPeriod<'info, '_>>,
) -> () {
    if !(line.borrow().run == period.borrow().run) {
        panic!("line is not posted");
    }
}

pub fn assert_posting<'info>(mut period: Mutable<LoadedPeriod<'info, '_>>) -> () {
    if !(period.borrow().state == State::POSTING) {
        panic!("period is not being posted");
    }
}

pub fn assert_source<'info>(
    mut source: SeahorseAccount<'info, '_, TokenAccount>,
    mut vault: SeahorseAccount<'info, '_, TokenAccount>,
    mut owner: SeahorseSigner<'info, '_>,
) -> () {
    if !(source.key() != vault.key()) {
        panic!("source is the vault");
    }

    if !(source.mint == vault.mint) {
        panic!("source holds another mint");
    }

    if !(source.owner == owner.key()) {
        panic!("source belongs to another owner");
    }
}

pub fn assert_vault_of<'info>(
    mut vault: SeahorseAccount<'info, '_, TokenAccount>,
    mut community: Mutable<LoadedCommunity<'info, '_>>,
) -> () {
    if !(vault.key() == community.borrow().vault) {
        panic!("vault is not of this community");
    }
}

pub fn begin_period_handler<'info>(
    mut authority: SeahorseSigner<'info, '_>,
    mut community: Mutable<LoadedCommunity<'info, '_>>,
    mut period: Mutable<LoadedPeriod<'info, '_>>,
    mut clock: Sysvar<'info, Clock>,
    mut starts_at: i64,
    mut ends_at: i64,
    mut digest: Pubkey,
) -> () {
    assert_authority(community.clone(), authority.clone());

    assert_not_paused(community.clone());

    assert_period_of(period.clone(), community.clone());

    if !(community.borrow().run == 0) {
        panic!("a period is under way already");
    }

    if !(community.borrow().participant_count > 0) {
        panic!("nobody is admitted");
    }

    let mut now = clock.unix_timestamp;

    if !(starts_at >= community.borrow().settled_until) {
        panic!("period starts before the end of the last one");
    }

    if !(ends_at > starts_at) {
        panic!("period ends before it starts");
    }

    if !(ends_at <= now) {
        panic!("period is not over");
    }

    if !((ends_at - starts_at) <= MAX_PERIOD!()) {
        panic!("period exceeds a year");
    }

    assign!(
        community.borrow_mut().sequence,
        community.borrow().sequence + 1
    );

    assign!(community.borrow_mut().run, community.borrow().sequence);

    assign!(period.borrow_mut().run, community.borrow().sequence);

    assign!(period.borrow_mut().digest, digest);

    assign!(period.borrow_mut().starts_at, starts_at);

    assign!(period.borrow_mut().ends_at, ends_at);

    assign!(period.borrow_mut().begun_at, now);

    assign!(period.borrow_mut().closed_at, 0);

    assign!(
        period.borrow_mut().objection_time,
        community.borrow().objection_time
    );

    assign!(
        period.borrow_mut().participant_count,
        community.borrow().participant_count
    );

    assign!(period.borrow_mut().posted_count, 0);

    assign!(period.borrow_mut().settled_count, 0);

    assign!(period.borrow_mut().objection_count, 0);

    assign!(period.borrow_mut().shared_in, 0);

    assign!(period.borrow_mut().shared_out, 0);

    assign!(period.borrow_mut().charges, 0);

    assign!(period.borrow_mut().credits, 0);

    assign!(period.borrow_mut().collected, 0);

    assign!(period.borrow_mut().paid, 0);

    assign!(period.borrow_mut().fee_bps, community.borrow().fee_bps);

    assign!(period.borrow_mut().state, State::POSTING);

    let mut event = <Loaded!(PeriodBegun)>::__new__(
        community.borrow().__account__.key(),
        period.borrow().__account__.key(),
        starts_at.clone(),
        ends_at.clone(),
        digest.clone(),
        period.borrow().participant_count.clone(),
        period.borrow().objection_time.clone(),
        period.borrow().fee_bps.clone(),
        community.borrow().prepaid.clone(),
        community.borrow().reserve.clone(),
        community.borrow().sequence.clone(),
    );

    event.__emit__();
}

pub fn close_period_handler<'info>(
    mut authority: SeahorseSigner<'info, '_>,
    mut community: Mutable<LoadedCommunity<'info, '_>>,
    mut period: Mutable<LoadedPeriod<'info, '_>>,
    mut clock: Sysvar<'info, Clock>,
) -> () {
    assert_authority(community.clone(), authority.clone());

    assert_period_of(period.clone(), community.clone());

    assert_posting(period.clone());

    if !(period.borrow().posted_count == period.borrow().participant_count) {
        panic!("lines are not all posted");
    }

    if !(period.borrow().shared_in == period.borrow().shared_out) {
        panic!("what goes in is not what goes out");
    }

    assert_fee(period.clone());

    assign!(period.borrow_mut().closed_at, clock.unix_timestamp);

    assign!(period.borrow_mut().state, State::CLOSED);

    assign!(
        community.borrow_mut().sequence,
        community.borrow().sequence + 1
    );

    let mut event = <Loaded!(PeriodClosed)>::__new__(
        community.borrow().__account__.key(),
        period.borrow().__account__.key(),
        period.borrow().shared_in.clone(),
        period.borrow().charges.clone(),
        period.borrow().credits.clone(),
        (period.borrow().closed_at + period.borrow().objection_time),
        community.borrow().prepaid.clone(),
        community.borrow().reserve.clone(),
        community.borrow().sequence.clone(),
    );

    event.__emit__();
}

pub fn deposit_handler<'info>(
    mut owner: SeahorseSigner<'info, '_>,
    mut community: Mutable<LoadedCommunity<'info, '_>>,
    mut participant: Mutable<LoadedParticipant<'info, '_>>,
    mut vault: SeahorseAccount<'info, '_, TokenAccount>,
    mut source: SeahorseAccount<'info, '_, TokenAccount>,
    mut amount: u64,
) -> () {
    assert_not_paused(community.clone());

    assert_owned_participant_of(participant.clone(), community.clone(), owner.clone());

    assert_vault_of(vault.clone(), community.clone());

    assert_source(source.clone(), vault.clone(), owner.clone());

    assert_amount(amount.clone());

    let mut repaid = amount.min(participant.borrow().owed);

    assign!(
        participant.borrow_mut().owed,
        participant.borrow().owed - repaid
    );

    assign!(
        participant.borrow_mut().funds,
        participant.borrow().funds + (amount - repaid)
    );

    assign!(
        community.borrow_mut().prepaid,
        community.borrow().prepaid + (amount - repaid)
    );

    assign!(
        community.borrow_mut().reserve,
        community.borrow().reserve + repaid
    );

    assign!(
        community.borrow_mut().sequence,
        community.borrow().sequence + 1
    );

    token::transfer(
        CpiContext::new(
            source.programs.get("token_program"),
            token::Transfer {
                from: source.to_account_info(),
                authority: owner.clone().to_account_info(),
                to: vault.clone().to_account_info(),
            },
        ),
        amount.clone(),
    )
    .unwrap();

    let mut event = <Loaded!(Deposited)>::__new__(
        community.borrow().__account__.key(),
        participant.borrow().__account__.key(),
        amount.clone(),
        repaid.clone(),
        participant.borrow().funds.clone(),
        participant.borrow().owed.clone(),
        community.borrow().prepaid.clone(),
        community.borrow().reserve.clone(),
        community.borrow().sequence.clone(),
    );

    event.__emit__();
}

pub fn deposit_reserve_handler<'info>(
    mut authority: SeahorseSigner<'info, '_>,
    mut community: Mutable<LoadedCommunity<'info, '_>>,
    mut vault: SeahorseAccount<'info, '_, TokenAccount>,
    mut source: SeahorseAccount<'info, '_, TokenAccount>,
    mut amount: u64,
) -> () {
    assert_authority(community.clone(), authority.clone());

    assert_vault_of(vault.clone(), community.clone());

    assert_source(source.clone(), vault.clone(), authority.clone());

    assert_amount(amount.clone());

    assign!(
        community.borrow_mut().reserve,
        community.borrow().reserve + amount
    );

    assign!(
        community.borrow_mut().sequence,
        community.borrow().sequence + 1
    );

    token::transfer(
        CpiContext::new(
            source.programs.get("token_program"),
            token::Transfer {
                from: source.to_account_info(),
                authority: authority.clone().to_account_info(),
                to: vault.clone().to_account_info(),
            },
        ),
        amount.clone(),
    )
    .unwrap();

    let mut event = <Loaded!(ReserveDeposited)>::__new__(
        community.borrow().__account__.key(),
        amount.clone(),
        community.borrow().prepaid.clone(),
        community.borrow().reserve.clone(),
        community.borrow().sequence.clone(),
    );

    event.__emit__();
}

pub fn excess(mut amount: u64, mut over: u64) -> u64 {
    return amount - amount.min(over);
}

pub fn fee_limit_of<'info>(mut period: Mutable<LoadedPeriod<'info, '_>>) -> u64 {
    let mut share = <u64 as TryFrom<_>>::try_from(
        ((<u128 as TryFrom<_>>::try_from(period.borrow().charges.clone()).unwrap()
            * <u128 as TryFrom<_>>::try_from(period.borrow().fee_bps.clone()).unwrap())
            / BPS!()),
    )
    .unwrap();

    return share + (2 * period.borrow().posted_count);
}

pub fn initialize_handler<'info>(
    mut authority: SeahorseSigner<'info, '_>,
    mut payment_mint: SeahorseAccount<'info, '_, Mint>,
    mut community: Empty<Mutable<LoadedCommunity<'info, '_>>>,
    mut vault: Empty<SeahorseAccount<'info, '_, TokenAccount>>,
    mut objection_time: i64,
    mut fee_bps: u16,
) -> () {
    assert_policy(objection_time.clone(), fee_bps.clone());

    let mut bump = community.bump.unwrap();
    let mut community = community.account.clone();
    let mut vault = vault.account.clone();

    assign!(community.borrow_mut().creator, authority.key());

    assign!(community.borrow_mut().authority, authority.key());

    assign!(community.borrow_mut().pending_authority, authority.key());

    assign!(community.borrow_mut().payment_mint, payment_mint.key());

    assign!(community.borrow_mut().vault, vault.key());

    assign!(community.borrow_mut().objection_time, objection_time);

    assign!(community.borrow_mut().fee_bps, fee_bps);

    assign!(community.borrow_mut().sequence, 1);

    assign!(community.borrow_mut().bump, bump);

    let mut event = <Loaded!(CommunityInitialized)>::__new__(
        community.borrow().__account__.key(),
        authority.key(),
        payment_mint.key(),
        vault.key(),
        objection_time.clone(),
        fee_bps.clone(),
        community.borrow().prepaid.clone(),
        community.borrow().reserve.clone(),
        community.borrow().sequence.clone(),
    );

    event.__emit__();
}

pub fn is_admitted<'info>(mut participant: Mutable<LoadedParticipant<'info, '_>>) -> bool {
    return (participant.borrow().joined > 0) && (participant.borrow().left == 0);
}

pub fn is_in<'info>(
    mut participant: Mutable<LoadedParticipant<'info, '_>>,
    mut period: Mutable<LoadedPeriod<'info, '_>>,
) -> bool {
    let mut joined =
        (participant.borrow().joined > 0) && (participant.borrow().joined < period.borrow().run);

    return joined
        && ((participant.borrow().left == 0) || (participant.borrow().left > period.borrow().run));
}

pub fn leave_handler<'info>(
    mut signer: SeahorseSigner<'info, '_>,
    mut community: Mutable<LoadedCommunity<'info, '_>>,
    mut participant: Mutable<LoadedParticipant<'info, '_>>,
) -> () {
    assert_participant_of(participant.clone(), community.clone());

    let mut may = (participant.borrow().owner == signer.key())
        || (community.borrow().authority == signer.key());

    if !may {
        panic!("signer is neither the owner nor the authority");
    }

    assert_admitted(participant.clone());

    assign!(
        community.borrow_mut().participant_count,
        community.borrow().participant_count - 1
    );

    assign!(
        community.borrow_mut().sequence,
        community.borrow().sequence + 1
    );

    assign!(participant.borrow_mut().left, community.borrow().sequence);

    let mut event = <Loaded!(ParticipantLeft)>::__new__(
        community.borrow().__account__.key(),
        participant.borrow().__account__.key(),
        community.borrow().participant_count.clone(),
        community.borrow().prepaid.clone(),
        community.borrow().reserve.clone(),
        community.borrow().sequence.clone(),
    );

    event.__emit__();
}

pub fn open_line_handler<'info>(
    mut payer: SeahorseSigner<'info, '_>,
    mut community: Mutable<LoadedCommunity<'info, '_>>,
    mut period: Mutable<LoadedPeriod<'info, '_>>,
    mut participant: Mutable<LoadedParticipant<'info, '_>>,
    mut line: Empty<Mutable<LoadedLine<'info, '_>>>,
) -> () {
    assert_period_of(period.clone(), community.clone());

    assert_participant_of(participant.clone(), community.clone());

    let mut line = line.account.clone();

    assign!(line.borrow_mut().period, period.borrow().__account__.key());

    assign!(
        line.borrow_mut().participant,
        participant.borrow().__account__.key()
    );

    assign!(
        community.borrow_mut().sequence,
        community.borrow().sequence + 1
    );

    let mut event = <Loaded!(LineOpened)>::__new__(
        community.borrow().__account__.key(),
        period.borrow().__account__.key(),
        participant.borrow().__account__.key(),
        community.borrow().prepaid.clone(),
        community.borrow().reserve.clone(),
        community.borrow().sequence.clone(),
    );

    event.__emit__();
}

pub fn open_participant_handler<'info>(
    mut payer: SeahorseSigner<'info, '_>,
    mut community: Mutable<LoadedCommunity<'info, '_>>,
    mut participant: Empty<Mutable<LoadedParticipant<'info, '_>>>,
    mut owner: Pubkey,
) -> () {
    let mut participant = participant.account.clone();

    assign!(
        participant.borrow_mut().community,
        community.borrow().__account__.key()
    );

    assign!(participant.borrow_mut().owner, owner);

    assign!(
        community.borrow_mut().sequence,
        community.borrow().sequence + 1
    );

    let mut event = <Loaded!(ParticipantOpened)>::__new__(
        community.borrow().__account__.key(),
        participant.borrow().__account__.key(),
        owner.clone(),
        community.borrow().prepaid.clone(),
        community.borrow().reserve.clone(),
        community.borrow().sequence.clone(),
    );

    event.__emit__();
}

pub fn open_period_handler<'info>(
    mut payer: SeahorseSigner<'info, '_>,
    mut community: Mutable<LoadedCommunity<'info, '_>>,
    mut period: Empty<Mutable<LoadedPeriod<'info, '_>>>,
    mut number: u8,
) -> () {
    let mut period = period.account.clone();

    assign!(
        period.borrow_mut().community,
        community.borrow().__account__.key()
    );

    assign!(period.borrow_mut().number, number);

    assign!(
        community.borrow_mut().sequence,
        community.borrow().sequence + 1
    );

    let mut event = <Loaded!(PeriodOpened)>::__new__(
        community.borrow().__account__.key(),
        period.borrow().__account__.key(),
        number.clone(),
        community.borrow().prepaid.clone(),
        community.borrow().reserve.clone(),
        community.borrow().sequence.clone(),
    );

    event.__emit__();
}

pub fn pause_handler<'info>(
    mut authority: SeahorseSigner<'info, '_>,
    mut community: Mutable<LoadedCommunity<'info, '_>>,
) -> () {
    assert_authority(community.clone(), authority.clone());

    assert_not_paused(community.clone());

    assign!(community.borrow_mut().paused, true);

    assign!(
        community.borrow_mut().sequence,
        community.borrow().sequence + 1
    );

    let mut event = <Loaded!(CommunityPaused)>::__new__(
        community.borrow().__account__.key(),
        community.borrow().prepaid.clone(),
        community.borrow().reserve.clone(),
        community.borrow().sequence.clone(),
    );

    event.__emit__();
}

pub fn pledged_of<'info>(
    mut participant: Mutable<LoadedParticipant<'info, '_>>,
    mut community: Mutable<LoadedCommunity<'info, '_>>,
) -> u64 {
    if participant.borrow().run == community.borrow().run {
        return participant.borrow().pledged;
    }

    return 0;
}

pub fn post_line_handler<'info>(
    mut authority: SeahorseSigner<'info, '_>,
    mut community: Mutable<LoadedCommunity<'info, '_>>,
    mut period: Mutable<LoadedPeriod<'info, '_>>,
    mut participant: Mutable<LoadedParticipant<'info, '_>>,
    mut line: Mutable<LoadedLine<'info, '_>>,
    mut shared_in: u64,
    mut shared_out: u64,
    mut charge: u64,
    mut credit: u64,
) -> () {
    assert_authority(community.clone(), authority.clone());

    assert_not_paused(community.clone());

    assert_period_of(period.clone(), community.clone());

    assert_participant_of(participant.clone(), community.clone());

    assert_line_of(line.clone(), period.clone(), participant.clone());

    assert_posting(period.clone());

    if !is_in(participant.clone(), period.clone()) {
        panic!("participant is not in this period");
    }

    if !(line.borrow().run != period.borrow().run) {
        panic!("line is posted already");
    }

    let mut takes = excess(charge.clone(), credit.clone());
    let mut owed = excess(
        (participant.borrow().owed + takes),
        (participant.borrow().funds + excess(credit.clone(), charge.clone())),
    );

    if !((owed <= participant.borrow().credit_limit) || (takes == 0)) {
        panic!("charge exceeds balance and credit limit");
    }

    let mut lent = excess(owed.clone(), participant.borrow().owed.clone());

    if !(lent <= (community.borrow().reserve - community.borrow().reserve_pledged)) {
        panic!("loan exceeds the free reserve");
    }

    let mut pledged = participant.borrow().funds.min(takes);

    assign!(participant.borrow_mut().pledged, pledged);

    assign!(participant.borrow_mut().run, period.borrow().run);

    assign!(line.borrow_mut().run, period.borrow().run);

    assign!(line.borrow_mut().shared_in, shared_in);

    assign!(line.borrow_mut().shared_out, shared_out);

    assign!(line.borrow_mut().charge, charge);

    assign!(line.borrow_mut().credit, credit);

    assign!(line.borrow_mut().lent, lent);

    assign!(line.borrow_mut().objected, false);

    assign!(line.borrow_mut().settled, false);

    assign!(
        period.borrow_mut().posted_count,
        period.borrow().posted_count + 1
    );

    assign!(
        period.borrow_mut().shared_in,
        period.borrow().shared_in + shared_in
    );

    assign!(
        period.borrow_mut().shared_out,
        period.borrow().shared_out + shared_out
    );

    assign!(
        period.borrow_mut().charges,
        period.borrow().charges + charge
    );

    assign!(
        period.borrow_mut().credits,
        period.borrow().credits + credit
    );

    assign!(
        community.borrow_mut().reserve_pledged,
        community.borrow().reserve_pledged + lent
    );

    assign!(
        community.borrow_mut().sequence,
        community.borrow().sequence + 1
    );

    let mut event = <Loaded!(LinePosted)>::__new__(
        community.borrow().__account__.key(),
        period.borrow().__account__.key(),
        participant.borrow().__account__.key(),
        shared_in.clone(),
        shared_out.clone(),
        charge.clone(),
        credit.clone(),
        pledged.clone(),
        lent.clone(),
        community.borrow().prepaid.clone(),
        community.borrow().reserve.clone(),
        community.borrow().sequence.clone(),
    );

    event.__emit__();
}

pub fn propose_authority_handler<'info>(
    mut authority: SeahorseSigner<'info, '_>,
    mut community: Mutable<LoadedCommunity<'info, '_>>,
    mut proposed: Pubkey,
) -> () {
    assert_authority(community.clone(), authority.clone());

    assign!(community.borrow_mut().pending_authority, proposed);

    assign!(
        community.borrow_mut().sequence,
        community.borrow().sequence + 1
    );

    let mut event = <Loaded!(AuthorityProposed)>::__new__(
        community.borrow().__account__.key(),
        proposed.clone(),
        community.borrow().prepaid.clone(),
        community.borrow().reserve.clone(),
        community.borrow().sequence.clone(),
    );

    event.__emit__();
}

pub fn raise_objection_handler<'info>(
    mut owner: SeahorseSigner<'info, '_>,
    mut community: Mutable<LoadedCommunity<'info, '_>>,
    mut period: Mutable<LoadedPeriod<'info, '_>>,
    mut participant: Mutable<LoadedParticipant<'info, '_>>,
    mut line: Mutable<LoadedLine<'info, '_>>,
) -> () {
    assert_owned_participant_of(participant.clone(), community.clone(), owner.clone());

    assert_period_of(period.clone(), community.clone());

    assert_line_of(line.clone(), period.clone(), participant.clone());

    assert_posted(line.clone(), period.clone());

    let mut over =
        (period.borrow().state != State::POSTING) && (period.borrow().state != State::CLOSED);

    let mut late = over || line.borrow().settled;

    if !(!late) {
        panic!("too late to object");
    }

    if !(!line.borrow().objected) {
        panic!("line is objected to already");
    }

    assign!(line.borrow_mut().objected, true);

    assign!(
        period.borrow_mut().objection_count,
        period.borrow().objection_count + 1
    );

    assign!(
        community.borrow_mut().sequence,
        community.borrow().sequence + 1
    );

    let mut event = <Loaded!(ObjectionRaised)>::__new__(
        community.borrow().__account__.key(),
        period.borrow().__account__.key(),
        participant.borrow().__account__.key(),
        period.borrow().objection_count.clone(),
        community.borrow().prepaid.clone(),
        community.borrow().reserve.clone(),
        community.borrow().sequence.clone(),
    );

    event.__emit__();
}

pub fn resume_handler<'info>(
    mut authority: SeahorseSigner<'info, '_>,
    mut community: Mutable<LoadedCommunity<'info, '_>>,
) -> () {
    assert_authority(community.clone(), authority.clone());

    if !community.borrow().paused {
        panic!("community is not paused");
    }

    assign!(community.borrow_mut().paused, false);

    assign!(
        community.borrow_mut().sequence,
        community.borrow().sequence + 1
    );

    let mut event = <Loaded!(CommunityResumed)>::__new__(
        community.borrow().__account__.key(),
        community.borrow().prepaid.clone(),
        community.borrow().reserve.clone(),
        community.borrow().sequence.clone(),
    );

    event.__emit__();
}

pub fn set_credit_limit_handler<'info>(
    mut authority: SeahorseSigner<'info, '_>,
    mut community: Mutable<LoadedCommunity<'info, '_>>,
    mut participant: Mutable<LoadedParticipant<'info, '_>>,
    mut credit_limit: u64,
) -> () {
    assert_authority(community.clone(), authority.clone());

    assert_participant_of(participant.clone(), community.clone());

    assign!(participant.borrow_mut().credit_limit, credit_limit);

    assign!(
        community.borrow_mut().sequence,
        community.borrow().sequence + 1
    );

    let mut event = <Loaded!(CreditLimitSet)>::__new__(
        community.borrow().__account__.key(),
        participant.borrow().__account__.key(),
        credit_limit.clone(),
        community.borrow().prepaid.clone(),
        community.borrow().reserve.clone(),
        community.borrow().sequence.clone(),
    );

    event.__emit__();
}

pub fn set_policy_handler<'info>(
    mut authority: SeahorseSigner<'info, '_>,
    mut community: Mutable<LoadedCommunity<'info, '_>>,
    mut objection_time: i64,
    mut fee_bps: u16,
) -> () {
    assert_authority(community.clone(), authority.clone());

    assert_policy(objection_time.clone(), fee_bps.clone());

    assign!(community.borrow_mut().objection_time, objection_time);

    assign!(community.borrow_mut().fee_bps, fee_bps);

    assign!(
        community.borrow_mut().sequence,
        community.borrow().sequence + 1
    );

    let mut event = <Loaded!(PolicySet)>::__new__(
        community.borrow().__account__.key(),
        objection_time.clone(),
        fee_bps.clone(),
        community.borrow().prepaid.clone(),
        community.borrow().reserve.clone(),
        community.borrow().sequence.clone(),
    );

    event.__emit__();
}

pub fn settle_line_handler<'info>(
    mut community: Mutable<LoadedCommunity<'info, '_>>,
    mut period: Mutable<LoadedPeriod<'info, '_>>,
    mut participant: Mutable<LoadedParticipant<'info, '_>>,
    mut line: Mutable<LoadedLine<'info, '_>>,
    mut clock: Sysvar<'info, Clock>,
) -> () {
    assert_period_of(period.clone(), community.clone());

    assert_participant_of(participant.clone(), community.clone());

    assert_line_of(line.clone(), period.clone(), participant.clone());

    if !(period.borrow().state == State::CLOSED) {
        panic!("period is not closed");
    }

    let mut elapsed = clock.unix_timestamp - period.borrow().closed_at;

    if !(elapsed >= period.borrow().objection_time) {
        panic!("time for objections is not over");
    }

    assert_posted(line.clone(), period.clone());

    if !(!line.borrow().settled) {
        panic!("line is settled already");
    }

    let mut collected = period.borrow().collected + line.borrow().charge;
    let mut paid = period.borrow().paid + line.borrow().credit;

    if !(paid <= collected) {
        panic!("charges are not yet collected");
    }

    let mut due = participant.borrow().owed
        + excess(line.borrow().charge.clone(), line.borrow().credit.clone());

    let mut has = participant.borrow().funds
        + excess(line.borrow().credit.clone(), line.borrow().charge.clone());

    let mut owed = excess(due.clone(), has.clone());

    assign!(
        community.borrow_mut().reserve,
        community.borrow().reserve + excess(participant.borrow().owed.clone(), owed.clone())
    );

    assign!(
        community.borrow_mut().reserve,
        community.borrow().reserve - excess(owed.clone(), participant.borrow().owed.clone())
    );

    assign!(
        community.borrow_mut().reserve_pledged,
        community.borrow().reserve_pledged - line.borrow().lent
    );

    assign!(
        community.borrow_mut().prepaid,
        community.borrow().prepaid - participant.borrow().funds
    );

    assign!(participant.borrow_mut().owed, owed);

    assign!(
        participant.borrow_mut().funds,
        excess(has.clone(), due.clone())
    );

    assign!(participant.borrow_mut().pledged, 0);

    assign!(
        community.borrow_mut().prepaid,
        community.borrow().prepaid + participant.borrow().funds
    );

    assign!(line.borrow_mut().settled, true);

    assign!(period.borrow_mut().collected, collected);

    assign!(period.borrow_mut().paid, paid);

    assign!(
        period.borrow_mut().settled_count,
        period.borrow().settled_count + 1
    );

    let mut unsettled = period.borrow().participant_count - period.borrow().settled_count;

    if unsettled == 0 {
        assign!(period.borrow_mut().state, State::SETTLED);

        assign!(community.borrow_mut().run, 0);

        assign!(
            community.borrow_mut().settled_until,
            period.borrow().ends_at
        );

        assign!(
            community.borrow_mut().reserve,
            community.borrow().reserve + (collected - paid)
        );
    }

    assign!(
        community.borrow_mut().sequence,
        community.borrow().sequence + 1
    );

    let mut event = <Loaded!(LineSettled)>::__new__(
        community.borrow().__account__.key(),
        period.borrow().__account__.key(),
        participant.borrow().__account__.key(),
        line.borrow().charge.clone(),
        line.borrow().credit.clone(),
        participant.borrow().funds.clone(),
        participant.borrow().owed.clone(),
        unsettled.clone(),
        community.borrow().prepaid.clone(),
        community.borrow().reserve.clone(),
        community.borrow().sequence.clone(),
    );

    event.__emit__();
}

pub fn withdraw_handler<'info>(
    mut owner: SeahorseSigner<'info, '_>,
    mut community: Mutable<LoadedCommunity<'info, '_>>,
    mut participant: Mutable<LoadedParticipant<'info, '_>>,
    mut vault: SeahorseAccount<'info, '_, TokenAccount>,
    mut destination: SeahorseAccount<'info, '_, TokenAccount>,
    mut amount: u64,
) -> () {
    assert_owned_participant_of(participant.clone(), community.clone(), owner.clone());

    assert_vault_of(vault.clone(), community.clone());

    assert_destination(destination.clone(), vault.clone());

    assert_amount(amount.clone());

    let mut free = participant.borrow().funds - pledged_of(participant.clone(), community.clone());

    if !(amount <= free) {
        panic!("amount exceeds the free balance");
    }

    assign!(
        participant.borrow_mut().funds,
        participant.borrow().funds - amount
    );

    assign!(
        community.borrow_mut().prepaid,
        community.borrow().prepaid - amount
    );

    assign!(
        community.borrow_mut().sequence,
        community.borrow().sequence + 1
    );

    let mut creator = community.borrow().creator;
    let mut payment_mint = community.borrow().payment_mint;
    let mut bump = community.borrow().bump;

    token::transfer(
        CpiContext::new_with_signer(
            vault.programs.get("token_program"),
            token::Transfer {
                from: vault.to_account_info(),
                authority: community.borrow().__account__.to_account_info(),
                to: destination.clone().to_account_info(),
            },
            &[Mutable::new(vec![
                "community".to_string().as_bytes().as_ref(),
                creator.as_ref(),
                payment_mint.as_ref(),
                bump.to_le_bytes().as_ref(),
            ])
            .borrow()
            .as_slice()],
        ),
        amount.clone(),
    )
    .unwrap();

    let mut event = <Loaded!(Withdrawn)>::__new__(
        community.borrow().__account__.key(),
        participant.borrow().__account__.key(),
        amount.clone(),
        participant.borrow().funds.clone(),
        community.borrow().prepaid.clone(),
        community.borrow().reserve.clone(),
        community.borrow().sequence.clone(),
    );

    event.__emit__();
}

pub fn withdraw_period_handler<'info>(
    mut signer: SeahorseSigner<'info, '_>,
    mut community: Mutable<LoadedCommunity<'info, '_>>,
    mut period: Mutable<LoadedPeriod<'info, '_>>,
    mut clock: Sysvar<'info, Clock>,
) -> () {
    assert_period_of(period.clone(), community.clone());

    let mut posting = period.borrow().state == State::POSTING;
    let mut lapsed =
        posting && ((clock.unix_timestamp - POSTING_TIME!()) >= period.borrow().begun_at);

    if !(posting || (period.borrow().state == State::CLOSED)) {
        panic!("period is not under way");
    }

    if !(period.borrow().settled_count == 0) {
        panic!("lines are settled already");
    }

    let mut may = lapsed || (community.borrow().authority == signer.key());

    if !may {
        panic!("period has not lapsed and signer is not the authority");
    }

    assign!(period.borrow_mut().state, State::WITHDRAWN);

    assign!(community.borrow_mut().run, 0);

    assign!(community.borrow_mut().reserve_pledged, 0);

    assign!(
        community.borrow_mut().sequence,
        community.borrow().sequence + 1
    );

    let mut event = <Loaded!(PeriodWithdrawn)>::__new__(
        community.borrow().__account__.key(),
        period.borrow().__account__.key(),
        period.borrow().posted_count.clone(),
        period.borrow().objection_count.clone(),
        community.borrow().prepaid.clone(),
        community.borrow().reserve.clone(),
        community.borrow().sequence.clone(),
    );

    event.__emit__();
}

pub fn withdraw_reserve_handler<'info>(
    mut authority: SeahorseSigner<'info, '_>,
    mut community: Mutable<LoadedCommunity<'info, '_>>,
    mut vault: SeahorseAccount<'info, '_, TokenAccount>,
    mut destination: SeahorseAccount<'info, '_, TokenAccount>,
    mut amount: u64,
) -> () {
    assert_authority(community.clone(), authority.clone());

    assert_vault_of(vault.clone(), community.clone());

    assert_destination(destination.clone(), vault.clone());

    assert_amount(amount.clone());

    if !(amount <= (community.borrow().reserve - community.borrow().reserve_pledged)) {
        panic!("amount exceeds the free reserve");
    }

    assign!(
        community.borrow_mut().reserve,
        community.borrow().reserve - amount
    );

    assign!(
        community.borrow_mut().sequence,
        community.borrow().sequence + 1
    );

    let mut creator = community.borrow().creator;
    let mut payment_mint = community.borrow().payment_mint;
    let mut bump = community.borrow().bump;

    token::transfer(
        CpiContext::new_with_signer(
            vault.programs.get("token_program"),
            token::Transfer {
                from: vault.to_account_info(),
                authority: community.borrow().__account__.to_account_info(),
                to: destination.clone().to_account_info(),
            },
            &[Mutable::new(vec![
                "community".to_string().as_bytes().as_ref(),
                creator.as_ref(),
                payment_mint.as_ref(),
                bump.to_le_bytes().as_ref(),
            ])
            .borrow()
            .as_slice()],
        ),
        amount.clone(),
    )
    .unwrap();

    let mut event = <Loaded!(ReserveWithdrawn)>::__new__(
        community.borrow().__account__.key(),
        amount.clone(),
        community.borrow().prepaid.clone(),
        community.borrow().reserve.clone(),
        community.borrow().sequence.clone(),
    );

    event.__emit__();
}
