//! The busiest instructions of `energy_sharing` written by hand in Anchor: what those made from Python are measured
//! against.
//!
//! Same address, accounts, arguments, checks, effects and events, so that the program's own IDL drives it.

use anchor_lang::prelude::*;

declare_id!("6KFWpPXXubewkuDbGxcyidwCg1VCsbGVjwSq3naDFRsU");

#[program]
pub mod community_twin {
    use super::*;

    pub fn post_line(
        ctx: Context<PostLine>,
        shared_in: u64,
        shared_out: u64,
        charge: u64,
        credit: u64,
    ) -> Result<()> {
        let community = &mut ctx.accounts.community;
        let period = &mut ctx.accounts.period;
        let participant = &mut ctx.accounts.participant;
        let line = &mut ctx.accounts.line;
        require!(participant.is_in(period.run), CommunityError::NotInPeriod);
        require!(line.run != period.run, CommunityError::AlreadyPosted);
        let takes = charge.saturating_sub(credit);
        let (_, owed) = participant.after(charge, credit);
        require!(owed <= participant.credit_limit || takes == 0, CommunityError::ExceedsLimit);
        let lent = owed.saturating_sub(participant.owed);
        require!(lent <= community.reserve - community.reserve_pledged, CommunityError::ExceedsReserve);
        let pledged = participant.funds.min(takes);

        participant.pledged = pledged;
        participant.run = period.run;
        line.run = period.run;
        line.shared_in = shared_in;
        line.shared_out = shared_out;
        line.charge = charge;
        line.credit = credit;
        line.lent = lent;
        line.objected = false;
        line.settled = false;
        period.posted_count += 1;
        period.shared_in += shared_in;
        period.shared_out += shared_out;
        period.charges += charge;
        period.credits += credit;
        community.reserve_pledged += lent;
        community.sequence += 1;

        emit!(LinePosted {
            community: community.key(),
            period: period.key(),
            participant: participant.key(),
            shared_in,
            shared_out,
            charge,
            credit,
            pledged,
            lent,
            prepaid: community.prepaid,
            reserve: community.reserve,
            sequence: community.sequence,
        });
        Ok(())
    }

    pub fn settle_line(ctx: Context<SettleLine>) -> Result<()> {
        let community = &mut ctx.accounts.community;
        let period = &mut ctx.accounts.period;
        let participant = &mut ctx.accounts.participant;
        let line = &mut ctx.accounts.line;
        let elapsed = ctx.accounts.clock.unix_timestamp - period.closed_at;
        require!(elapsed >= period.objection_time, CommunityError::NotOver);
        require!(line.run == period.run, CommunityError::NotPosted);
        require!(!line.settled, CommunityError::AlreadySettled);
        let collected = period.collected + line.charge;
        let paid = period.paid + line.credit;
        require!(paid <= collected, CommunityError::NotCollected);

        let (funds, owed) = participant.after(line.charge, line.credit);
        community.reserve += participant.owed.saturating_sub(owed);
        community.reserve -= owed.saturating_sub(participant.owed);
        community.reserve_pledged -= line.lent;
        community.prepaid -= participant.funds;
        community.prepaid += funds;
        participant.funds = funds;
        participant.owed = owed;
        participant.pledged = 0;
        line.settled = true;
        period.collected = collected;
        period.paid = paid;
        period.settled_count += 1;
        let unsettled = period.participant_count - period.settled_count;
        if unsettled == 0 {
            period.state = State::Settled;
            community.run = 0;
            community.settled_until = period.ends_at;
            community.reserve += collected - paid;
        }
        community.sequence += 1;

        emit!(LineSettled {
            community: community.key(),
            period: period.key(),
            participant: participant.key(),
            charge: line.charge,
            credit: line.credit,
            funds,
            owed,
            unsettled,
            prepaid: community.prepaid,
            reserve: community.reserve,
            sequence: community.sequence,
        });
        Ok(())
    }
}

#[derive(Accounts)]
pub struct PostLine<'info> {
    pub authority: Signer<'info>,
    #[account(mut, has_one = authority, constraint = !community.paused @ CommunityError::Paused)]
    pub community: Box<Account<'info, Community>>,
    #[account(
        mut,
        has_one = community,
        constraint = period.state == State::Posting @ CommunityError::NotPosting,
    )]
    pub period: Box<Account<'info, Period>>,
    #[account(mut, has_one = community)]
    pub participant: Box<Account<'info, Participant>>,
    #[account(mut, has_one = period, has_one = participant)]
    pub line: Box<Account<'info, Line>>,
}

#[derive(Accounts)]
pub struct SettleLine<'info> {
    #[account(mut)]
    pub community: Box<Account<'info, Community>>,
    #[account(
        mut,
        has_one = community,
        constraint = period.state == State::Closed @ CommunityError::NotClosed,
    )]
    pub period: Box<Account<'info, Period>>,
    #[account(mut, has_one = community)]
    pub participant: Box<Account<'info, Participant>>,
    #[account(mut, has_one = period, has_one = participant)]
    pub line: Box<Account<'info, Line>>,
    pub clock: Sysvar<'info, Clock>,
}

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, PartialEq)]
pub enum State {
    Unused,
    Posting,
    Closed,
    Settled,
    Withdrawn,
}

#[account]
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

#[account]
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

impl Participant {
    fn is_in(&self, run: u64) -> bool {
        self.joined > 0 && self.joined < run && (self.left == 0 || self.left > run)
    }

    /// What they have, and owe, once a line is settled.
    fn after(&self, charge: u64, credit: u64) -> (u64, u64) {
        let due = self.owed + charge.saturating_sub(credit);
        let has = self.funds + credit.saturating_sub(charge);
        (has.saturating_sub(due), due.saturating_sub(has))
    }
}

#[account]
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

#[account]
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

#[error_code]
pub enum CommunityError {
    #[msg("community is paused")]
    Paused,
    #[msg("period is not being posted")]
    NotPosting,
    #[msg("period is not closed")]
    NotClosed,
    #[msg("participant is not in this period")]
    NotInPeriod,
    #[msg("line is posted already")]
    AlreadyPosted,
    #[msg("charge exceeds balance and credit limit")]
    ExceedsLimit,
    #[msg("loan exceeds the free reserve")]
    ExceedsReserve,
    #[msg("time for objections is not over")]
    NotOver,
    #[msg("line is not posted")]
    NotPosted,
    #[msg("line is settled already")]
    AlreadySettled,
    #[msg("charges are not yet collected")]
    NotCollected,
}
