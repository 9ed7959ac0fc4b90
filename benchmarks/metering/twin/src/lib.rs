//! `report` of `energy_metering` written by hand in Anchor: what the one made from Python is measured against.
//!
//! Same address, accounts, arguments, checks, effects and event, so that the program's own IDL drives it.

use anchor_lang::prelude::*;
use anchor_spl::token::{self, Mint, MintTo, Token, TokenAccount};

declare_id!("J769pfHhxBK6pLK5ZDrfhBiH4pfXVMPEiXRZRmiitFyP");

const BPS: u128 = 10_000;
const TOLERANCE_BPS: u128 = 500;
const SECONDS_PER_HOUR: u128 = 3_600;

#[program]
pub mod metering_twin {
    use super::*;

    pub fn report(ctx: Context<Report>, register: u64, read_at: i64) -> Result<()> {
        let issuer = &mut ctx.accounts.issuer;
        let meter = &mut ctx.accounts.meter;
        require!(read_at <= ctx.accounts.clock.unix_timestamp, MeteringError::InTheFuture);
        require!(read_at > meter.read_at, MeteringError::NotNewer);
        require!(register >= meter.register, MeteringError::HasFallen);
        let rise = register - meter.register;
        require!(meter.can_rise(rise, read_at - meter.read_at), MeteringError::TooFast);

        meter.register = register;
        meter.read_at = read_at;
        meter.minted += rise;
        issuer.minted += rise;
        issuer.sequence += 1;

        if rise > 0 {
            token::mint_to(
                CpiContext::new_with_signer(
                    ctx.accounts.token_program.to_account_info(),
                    MintTo {
                        mint: ctx.accounts.mint.to_account_info(),
                        to: ctx.accounts.destination.to_account_info(),
                        authority: issuer.to_account_info(),
                    },
                    &[&[b"issuer", issuer.creator.as_ref(), &[issuer.number], &[issuer.bump]]],
                ),
                rise,
            )?;
        }

        emit!(EnergyReported {
            issuer: issuer.key(),
            meter: meter.key(),
            register,
            read_at,
            amount: rise,
            meter_minted: meter.minted,
            minted: issuer.minted,
            meter_count: issuer.meter_count,
            sequence: issuer.sequence,
        });
        Ok(())
    }
}

#[derive(Accounts)]
pub struct Report<'info> {
    pub device: Signer<'info>,
    #[account(mut, has_one = mint, constraint = !issuer.paused @ MeteringError::Paused)]
    pub issuer: Box<Account<'info, Issuer>>,
    #[account(
        mut,
        has_one = issuer,
        has_one = device,
        constraint = !meter.retired @ MeteringError::Retired,
    )]
    pub meter: Box<Account<'info, Meter>>,
    #[account(mut)]
    pub mint: Box<Account<'info, Mint>>,
    #[account(
        mut,
        constraint = destination.mint == issuer.mint @ MeteringError::AnotherMint,
        constraint = destination.owner == meter.owner @ MeteringError::AnotherOwner,
    )]
    pub destination: Box<Account<'info, TokenAccount>>,
    pub clock: Sysvar<'info, Clock>,
    pub token_program: Program<'info, Token>,
}

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy)]
pub enum Resource {
    Energy,
    Water,
    Waste,
}

#[account]
pub struct Issuer {
    pub creator: Pubkey,
    pub authority: Pubkey,
    pub pending_authority: Pubkey,
    pub mint: Pubkey,
    pub minted: u64,
    pub meter_count: u64,
    pub sequence: u64,
    pub number: u8,
    pub resource: Resource,
    pub paused: bool,
    pub bump: u8,
}

#[account]
pub struct Meter {
    pub issuer: Pubkey,
    pub device: Pubkey,
    pub owner: Pubkey,
    pub rated_power: u64,
    pub register: u64,
    pub read_at: i64,
    pub minted: u64,
    pub retired: bool,
}

impl Meter {
    /// Without a division, and so without rounding.
    fn can_rise(&self, rise: u64, elapsed: i64) -> bool {
        let allowed = u128::from(self.rated_power) * elapsed as u128 * (BPS + TOLERANCE_BPS);
        u128::from(rise) * SECONDS_PER_HOUR * BPS <= allowed
    }
}

#[event]
pub struct EnergyReported {
    pub issuer: Pubkey,
    pub meter: Pubkey,
    pub register: u64,
    pub read_at: i64,
    pub amount: u64,
    pub meter_minted: u64,
    pub minted: u64,
    pub meter_count: u64,
    pub sequence: u64,
}

#[error_code]
pub enum MeteringError {
    #[msg("issuer is paused")]
    Paused,
    #[msg("meter is retired")]
    Retired,
    #[msg("destination holds another mint")]
    AnotherMint,
    #[msg("destination belongs to another owner")]
    AnotherOwner,
    #[msg("reading is in the future")]
    InTheFuture,
    #[msg("reading is not newer than the latest")]
    NotNewer,
    #[msg("register has fallen")]
    HasFallen,
    #[msg("register has risen faster than the rated power")]
    TooFast,
}
