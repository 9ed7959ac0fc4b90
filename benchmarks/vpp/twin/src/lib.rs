//! The busiest instructions of `virtual_power_plant` written by hand in Anchor: what those made from Python are
//! measured against.
//!
//! Same address, accounts, arguments, checks, effects and events, so that the program's own IDL drives it.

use anchor_lang::prelude::*;
use anchor_spl::token::{self, Token, TokenAccount, Transfer};

declare_id!("EdMJrMqCN2onj6y8r5fq1NtCPy3S4X2oNYcrbo79mci1");

const BPS: u128 = 10_000;
const UNITS_PER_PRICE: u128 = 1_000;

#[program]
pub mod plant_twin {
    use super::*;

    pub fn commit(ctx: Context<Commit>, amount: u64, announcement: u64) -> Result<()> {
        let plant = &mut ctx.accounts.plant;
        let dispatch = &mut ctx.accounts.dispatch;
        let commitment = &mut ctx.accounts.commitment;
        require!(dispatch.announcement == announcement, PlantError::AnnouncedAnew);
        require!(ctx.accounts.clock.unix_timestamp < dispatch.starts_at, PlantError::Started);
        require!(amount > 0, PlantError::ZeroAmount);
        require!(amount <= dispatch.target - dispatch.committed, PlantError::ExceedsTarget);
        let bond = escrow_of(amount, dispatch.bond_price)?;

        commitment.dispatch = dispatch.key();
        commitment.amount = amount;
        commitment.delivered = 0;
        commitment.bond = bond;
        commitment.active = true;
        dispatch.committed += amount;
        dispatch.commitment_count += 1;
        dispatch.bonds += bond;
        plant.payment_held += bond;
        plant.sequence += 1;

        token::transfer(
            CpiContext::new(
                ctx.accounts.token_program.to_account_info(),
                Transfer {
                    from: ctx.accounts.source.to_account_info(),
                    to: ctx.accounts.payment_vault.to_account_info(),
                    authority: ctx.accounts.owner.to_account_info(),
                },
            ),
            bond,
        )?;

        emit!(EnergyCommitted {
            plant: plant.key(),
            dispatch: dispatch.key(),
            commitment: commitment.key(),
            amount,
            bond,
            committed: dispatch.committed,
            energy_held: plant.energy_held,
            payment_held: plant.payment_held,
            sequence: plant.sequence,
        });
        Ok(())
    }

    pub fn deliver(ctx: Context<Deliver>, amount: u64) -> Result<()> {
        let plant = &mut ctx.accounts.plant;
        let dispatch = &mut ctx.accounts.dispatch;
        let commitment = &mut ctx.accounts.commitment;
        let now = ctx.accounts.clock.unix_timestamp;
        require!(now >= dispatch.starts_at, PlantError::NotStarted);
        require!(now < dispatch.ends_at, PlantError::Ended);
        require!(amount > 0, PlantError::ZeroAmount);
        let room = commitment.limit(dispatch.tolerance_bps)? - commitment.delivered;
        require!(amount <= room, PlantError::ExceedsTolerance);

        let before = commitment.credited();
        commitment.delivered += amount;
        let after = commitment.credited();
        dispatch.credited += after - before;
        dispatch.surplus += amount - (after - before);
        dispatch.rewards_due += earned_by(after, dispatch.price)? - earned_by(before, dispatch.price)?;
        dispatch.bonds_due += commitment.bond_for(after)? - commitment.bond_for(before)?;
        plant.energy_held += amount;
        plant.sequence += 1;

        token::transfer(
            CpiContext::new(
                ctx.accounts.token_program.to_account_info(),
                Transfer {
                    from: ctx.accounts.source.to_account_info(),
                    to: ctx.accounts.energy_vault.to_account_info(),
                    authority: ctx.accounts.owner.to_account_info(),
                },
            ),
            amount,
        )?;

        emit!(EnergyDelivered {
            plant: plant.key(),
            dispatch: dispatch.key(),
            commitment: commitment.key(),
            amount,
            delivered: commitment.delivered,
            credited: dispatch.credited,
            surplus: dispatch.surplus,
            energy_held: plant.energy_held,
            payment_held: plant.payment_held,
            sequence: plant.sequence,
        });
        Ok(())
    }

    pub fn settle_commitment(ctx: Context<SettleCommitment>) -> Result<()> {
        let plant = &mut ctx.accounts.plant;
        let dispatch = &mut ctx.accounts.dispatch;
        let commitment = &mut ctx.accounts.commitment;
        let is_over = dispatch.cancelled || ctx.accounts.clock.unix_timestamp >= dispatch.ends_at;
        require!(is_over, PlantError::NotEnded);

        let (reward, bond, share) = if dispatch.cancelled {
            (0, commitment.bond, 0)
        } else {
            let credited = commitment.credited();
            (
                earned_by(credited, dispatch.price)?,
                commitment.bond_for(credited)?,
                dispatch.settle_surplus(commitment.delivered - credited)?,
            )
        };
        let payment = reward + bond + share;
        commitment.active = false;
        dispatch.settled_count += 1;
        plant.payment_held -= payment;
        plant.sequence += 1;

        if payment > 0 {
            let seeds: &[&[u8]] = &[
                b"plant",
                plant.creator.as_ref(),
                plant.energy_mint.as_ref(),
                plant.payment_mint.as_ref(),
                &[plant.bump],
            ];
            token::transfer(
                CpiContext::new_with_signer(
                    ctx.accounts.token_program.to_account_info(),
                    Transfer {
                        from: ctx.accounts.payment_vault.to_account_info(),
                        to: ctx.accounts.destination.to_account_info(),
                        authority: plant.to_account_info(),
                    },
                    &[seeds],
                ),
                payment,
            )?;
        }

        emit!(CommitmentSettled {
            plant: plant.key(),
            dispatch: dispatch.key(),
            commitment: commitment.key(),
            reward,
            bond,
            share,
            energy_held: plant.energy_held,
            payment_held: plant.payment_held,
            sequence: plant.sequence,
        });
        Ok(())
    }
}

#[derive(Accounts)]
pub struct Commit<'info> {
    pub owner: Signer<'info>,
    #[account(mut, has_one = payment_vault, constraint = !plant.paused @ PlantError::Paused)]
    pub plant: Box<Account<'info, Plant>>,
    #[account(mut, has_one = plant, constraint = dispatch.active @ PlantError::NotActive)]
    pub dispatch: Box<Account<'info, Dispatch>>,
    #[account(
        mut,
        has_one = plant,
        has_one = owner,
        constraint = !commitment.active @ PlantError::AlreadyActive,
    )]
    pub commitment: Box<Account<'info, Commitment>>,
    #[account(mut)]
    pub payment_vault: Box<Account<'info, TokenAccount>>,
    #[account(
        mut,
        constraint = source.key() != payment_vault.key() @ PlantError::SourceIsVault,
        constraint = source.mint == plant.payment_mint @ PlantError::AnotherMint,
        constraint = source.owner == owner.key() @ PlantError::AnotherOwner,
    )]
    pub source: Box<Account<'info, TokenAccount>>,
    pub clock: Sysvar<'info, Clock>,
    pub token_program: Program<'info, Token>,
}

#[derive(Accounts)]
pub struct Deliver<'info> {
    pub owner: Signer<'info>,
    #[account(mut, has_one = energy_vault)]
    pub plant: Box<Account<'info, Plant>>,
    #[account(mut, has_one = plant, constraint = dispatch.active @ PlantError::NotActive)]
    pub dispatch: Box<Account<'info, Dispatch>>,
    #[account(
        mut,
        has_one = plant,
        has_one = owner,
        has_one = dispatch,
        constraint = commitment.active @ PlantError::NotActive,
    )]
    pub commitment: Box<Account<'info, Commitment>>,
    #[account(mut)]
    pub energy_vault: Box<Account<'info, TokenAccount>>,
    #[account(
        mut,
        constraint = source.key() != energy_vault.key() @ PlantError::SourceIsVault,
        constraint = source.mint == plant.energy_mint @ PlantError::AnotherMint,
        constraint = source.owner == owner.key() @ PlantError::AnotherOwner,
    )]
    pub source: Box<Account<'info, TokenAccount>>,
    pub clock: Sysvar<'info, Clock>,
    pub token_program: Program<'info, Token>,
}

#[derive(Accounts)]
pub struct SettleCommitment<'info> {
    #[account(mut, has_one = payment_vault)]
    pub plant: Box<Account<'info, Plant>>,
    #[account(mut, has_one = plant)]
    pub dispatch: Box<Account<'info, Dispatch>>,
    #[account(mut, has_one = dispatch, constraint = commitment.active @ PlantError::NotActive)]
    pub commitment: Box<Account<'info, Commitment>>,
    #[account(mut)]
    pub payment_vault: Box<Account<'info, TokenAccount>>,
    #[account(
        mut,
        constraint = destination.key() != payment_vault.key() @ PlantError::DestinationIsVault,
        constraint = destination.mint == plant.payment_mint @ PlantError::AnotherMint,
        constraint = destination.owner == commitment.owner @ PlantError::AnotherOwner,
    )]
    pub destination: Box<Account<'info, TokenAccount>>,
    pub clock: Sysvar<'info, Clock>,
    pub token_program: Program<'info, Token>,
}

#[account]
pub struct Plant {
    pub creator: Pubkey,
    pub authority: Pubkey,
    pub pending_authority: Pubkey,
    pub energy_mint: Pubkey,
    pub payment_mint: Pubkey,
    pub energy_vault: Pubkey,
    pub payment_vault: Pubkey,
    pub energy_held: u64,
    pub payment_held: u64,
    pub sequence: u64,
    pub paused: bool,
    pub bump: u8,
}

#[account]
pub struct Dispatch {
    pub plant: Pubkey,
    pub announcement: u64,
    pub starts_at: i64,
    pub ends_at: i64,
    pub target: u64,
    pub price: u64,
    pub bond_price: u64,
    pub reward: u64,
    pub committed: u64,
    pub commitment_count: u64,
    pub settled_count: u64,
    pub credited: u64,
    pub surplus: u64,
    pub surplus_settled: u64,
    pub bonds: u64,
    pub rewards_due: u64,
    pub bonds_due: u64,
    pub tolerance_bps: u16,
    pub number: u8,
    pub active: bool,
    pub cancelled: bool,
}

impl Dispatch {
    /// What surplus earns.
    fn pool(&self) -> Result<u64> {
        let shortfall = self.committed - self.credited;
        let replaced = shortfall.min(self.surplus);
        if replaced == 0 {
            return Ok(0);
        }
        let forfeited = self.bonds - self.bonds_due;
        Ok(part_of(forfeited, replaced, shortfall)? + earned_by(replaced, self.price)?)
    }

    /// The share of the pool for so much surplus, which begins where the one before it ends.
    fn settle_surplus(&mut self, surplus: u64) -> Result<u64> {
        if surplus == 0 {
            return Ok(0);
        }
        let pool = self.pool()?;
        let begin = part_of(pool, self.surplus_settled, self.surplus)?;
        self.surplus_settled += surplus;
        Ok(part_of(pool, self.surplus_settled, self.surplus)? - begin)
    }
}

#[account]
pub struct Commitment {
    pub plant: Pubkey,
    pub owner: Pubkey,
    pub dispatch: Pubkey,
    pub amount: u64,
    pub delivered: u64,
    pub bond: u64,
    pub number: u8,
    pub active: bool,
}

impl Commitment {
    fn credited(&self) -> u64 {
        self.delivered.min(self.amount)
    }

    fn limit(&self, tolerance_bps: u16) -> Result<u64> {
        Ok(self.amount + to_u64(u128::from(self.amount) * u128::from(tolerance_bps) / BPS)?)
    }

    fn bond_for(&self, credited: u64) -> Result<u64> {
        part_of(self.bond, credited, self.amount)
    }
}

fn to_u64(value: u128) -> Result<u64> {
    u64::try_from(value).map_err(|_| PlantError::Overflow.into())
}

/// Rounded up.
fn escrow_of(amount: u64, price: u64) -> Result<u64> {
    to_u64((u128::from(amount) * u128::from(price) + UNITS_PER_PRICE - 1) / UNITS_PER_PRICE)
}

fn earned_by(amount: u64, price: u64) -> Result<u64> {
    to_u64(u128::from(amount) * u128::from(price) / UNITS_PER_PRICE)
}

fn part_of(whole: u64, numerator: u64, denominator: u64) -> Result<u64> {
    to_u64(u128::from(whole) * u128::from(numerator) / u128::from(denominator))
}

#[event]
pub struct EnergyCommitted {
    pub plant: Pubkey,
    pub dispatch: Pubkey,
    pub commitment: Pubkey,
    pub amount: u64,
    pub bond: u64,
    pub committed: u64,
    pub energy_held: u64,
    pub payment_held: u64,
    pub sequence: u64,
}

#[event]
pub struct EnergyDelivered {
    pub plant: Pubkey,
    pub dispatch: Pubkey,
    pub commitment: Pubkey,
    pub amount: u64,
    pub delivered: u64,
    pub credited: u64,
    pub surplus: u64,
    pub energy_held: u64,
    pub payment_held: u64,
    pub sequence: u64,
}

#[event]
pub struct CommitmentSettled {
    pub plant: Pubkey,
    pub dispatch: Pubkey,
    pub commitment: Pubkey,
    pub reward: u64,
    pub bond: u64,
    pub share: u64,
    pub energy_held: u64,
    pub payment_held: u64,
    pub sequence: u64,
}

#[error_code]
pub enum PlantError {
    #[msg("plant is paused")]
    Paused,
    #[msg("dispatch or commitment is not active")]
    NotActive,
    #[msg("commitment is active already")]
    AlreadyActive,
    #[msg("source is the vault")]
    SourceIsVault,
    #[msg("destination is the vault")]
    DestinationIsVault,
    #[msg("account holds another mint")]
    AnotherMint,
    #[msg("account belongs to another owner")]
    AnotherOwner,
    #[msg("dispatch was announced anew")]
    AnnouncedAnew,
    #[msg("dispatch has started")]
    Started,
    #[msg("dispatch has not started")]
    NotStarted,
    #[msg("dispatch has ended")]
    Ended,
    #[msg("dispatch has not ended")]
    NotEnded,
    #[msg("amount must be positive")]
    ZeroAmount,
    #[msg("amount exceeds what is left of the target")]
    ExceedsTarget,
    #[msg("amount exceeds the commitment and its tolerance")]
    ExceedsTolerance,
    #[msg("sum does not fit in 64 bits")]
    Overflow,
}
