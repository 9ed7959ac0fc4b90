//! `energy_allocation` written by hand in Anchor: what the program made from Python is measured against.
//!
//! Same address, accounts, arguments, checks, effects and events, so that the program's own IDL drives it.

use anchor_lang::prelude::*;
use anchor_spl::token::{self, Burn, Mint, Token, TokenAccount, Transfer};

declare_id!("2hLdmxESnJqMWB7GM6Z5rERUZNJeNCdTAGdou4ySQJ7v");

const BPS: u16 = 10_000;
const DECIMALS: u8 = 3;
const MAX_LIFETIME: i64 = 365 * 24 * 60 * 60;
const POLICY_LIMIT: u64 = u64::MAX;

#[program]
pub mod anchor_twin {
    use super::*;

    pub fn initialize(
        ctx: Context<Initialize>,
        resource: Resource,
        capacity: u64,
        allocation_limit: u64,
        allocation_lifetime: i64,
        efficiency_bps: u16,
    ) -> Result<()> {
        check_policy(capacity, allocation_limit, allocation_lifetime, efficiency_bps)?;

        let authority = ctx.accounts.authority.key();
        let mint = ctx.accounts.mint.key();
        let vault = ctx.accounts.vault.key();
        let battery = &mut ctx.accounts.battery;
        battery.creator = authority;
        battery.authority = authority;
        battery.pending_authority = authority;
        battery.mint = mint;
        battery.vault = vault;
        battery.capacity = capacity;
        battery.allocation_limit = allocation_limit;
        battery.allocation_lifetime = allocation_lifetime;
        battery.sequence = 1;
        battery.efficiency_bps = efficiency_bps;
        battery.resource = resource;
        battery.bump = ctx.bumps.battery;

        emit!(BatteryInitialized {
            battery: battery.key(),
            authority,
            mint,
            capacity,
            allocation_limit,
            allocation_lifetime,
            efficiency_bps,
            resource: resource as u8,
            available: battery.available,
            allocated: battery.allocated,
            sequence: battery.sequence,
        });
        Ok(())
    }

    pub fn open_member(ctx: Context<OpenMember>, owner: Pubkey) -> Result<()> {
        let battery = &mut ctx.accounts.battery;
        let member = &mut ctx.accounts.member;
        member.owner = owner;
        member.battery = battery.key();
        member.allocation_limit = POLICY_LIMIT;

        battery.member_count += 1;
        battery.sequence += 1;

        emit!(MemberOpened {
            battery: battery.key(),
            member: member.key(),
            owner,
            member_count: battery.member_count,
            available: battery.available,
            allocated: battery.allocated,
            sequence: battery.sequence,
        });
        Ok(())
    }

    pub fn deposit_energy(ctx: Context<DepositEnergy>, amount: u64, minimum_credit: u64) -> Result<()> {
        let battery = &mut ctx.accounts.battery;
        let member = &mut ctx.accounts.member;
        require!(!battery.paused, LedgerError::Paused);
        require!(amount > 0, LedgerError::ZeroAmount);
        let credit = battery.credit_for(amount);
        require!(credit > 0, LedgerError::ZeroCredit);
        require!(credit >= minimum_credit, LedgerError::CreditBelowMinimum);
        require!(credit <= battery.free_capacity(), LedgerError::ExceedsFreeCapacity);

        battery.available += credit;
        battery.sequence += 1;
        member.balance += credit;

        token::transfer(
            CpiContext::new(
                ctx.accounts.token_program.to_account_info(),
                Transfer {
                    from: ctx.accounts.source.to_account_info(),
                    to: ctx.accounts.vault.to_account_info(),
                    authority: ctx.accounts.owner.to_account_info(),
                },
            ),
            credit,
        )?;
        if amount > credit {
            token::burn(
                CpiContext::new(
                    ctx.accounts.token_program.to_account_info(),
                    Burn {
                        mint: ctx.accounts.mint.to_account_info(),
                        from: ctx.accounts.source.to_account_info(),
                        authority: ctx.accounts.owner.to_account_info(),
                    },
                ),
                amount - credit,
            )?;
        }

        emit!(EnergyDeposited {
            battery: battery.key(),
            member: member.key(),
            amount,
            credit,
            balance: member.balance,
            available: battery.available,
            allocated: battery.allocated,
            sequence: battery.sequence,
        });
        Ok(())
    }

    pub fn withdraw_energy(ctx: Context<WithdrawEnergy>, amount: u64) -> Result<()> {
        let battery = &mut ctx.accounts.battery;
        let member = &mut ctx.accounts.member;
        require!(amount > 0, LedgerError::ZeroAmount);
        require!(amount <= member.balance, LedgerError::ExceedsBalance);
        require!(amount <= battery.available, LedgerError::ExceedsAvailable);
        require!(amount <= member.unallocated(), LedgerError::ExceedsUnallocated);

        battery.available -= amount;
        battery.sequence += 1;
        member.balance -= amount;

        token::transfer(
            CpiContext::new_with_signer(
                ctx.accounts.token_program.to_account_info(),
                Transfer {
                    from: ctx.accounts.vault.to_account_info(),
                    to: ctx.accounts.destination.to_account_info(),
                    authority: battery.to_account_info(),
                },
                &[&[b"battery", battery.creator.as_ref(), battery.mint.as_ref(), &[battery.bump]]],
            ),
            amount,
        )?;

        emit!(EnergyWithdrawn {
            battery: battery.key(),
            member: member.key(),
            amount,
            balance: member.balance,
            available: battery.available,
            allocated: battery.allocated,
            sequence: battery.sequence,
        });
        Ok(())
    }

    pub fn allocate(ctx: Context<Allocate>, amount: u64) -> Result<()> {
        let battery = &mut ctx.accounts.battery;
        let member = &mut ctx.accounts.member;
        require!(!battery.paused, LedgerError::Paused);
        require!(amount > 0, LedgerError::ZeroAmount);
        require!(amount <= battery.available, LedgerError::ExceedsAvailable);
        require!(amount <= member.unallocated(), LedgerError::ExceedsUnallocated);
        let limit = match member.allocation_limit {
            POLICY_LIMIT => battery.allocation_limit,
            own => own,
        };
        require!(member.allocated + amount <= limit, LedgerError::ExceedsAllocationLimit);

        battery.available -= amount;
        battery.allocated += amount;
        battery.sequence += 1;
        member.allocated += amount;
        member.allocation_expiry = ctx.accounts.clock.unix_timestamp + battery.allocation_lifetime;

        emit!(EnergyAllocated {
            battery: battery.key(),
            member: member.key(),
            amount,
            member_allocated: member.allocated,
            expiry: member.allocation_expiry,
            available: battery.available,
            allocated: battery.allocated,
            sequence: battery.sequence,
        });
        Ok(())
    }

    pub fn return_rent(ctx: Context<ReturnRent>, amount: u64) -> Result<()> {
        let member = &ctx.accounts.member;
        member.sub_lamports(amount)?;
        ctx.accounts.owner.add_lamports(amount)?;
        require!(member.get_lamports() > 0, LedgerError::NoRent);
        Ok(())
    }

    pub fn deallocate(ctx: Context<Deallocate>, amount: u64) -> Result<()> {
        let battery = &mut ctx.accounts.battery;
        let member = &mut ctx.accounts.member;
        require!(amount > 0, LedgerError::ZeroAmount);
        require!(amount <= member.allocated, LedgerError::ExceedsAllocated);

        battery.available += amount;
        battery.allocated -= amount;
        battery.sequence += 1;
        member.allocated -= amount;

        emit!(EnergyDeallocated {
            battery: battery.key(),
            member: member.key(),
            amount,
            member_allocated: member.allocated,
            available: battery.available,
            allocated: battery.allocated,
            sequence: battery.sequence,
        });
        Ok(())
    }

    pub fn consume(ctx: Context<Consume>, amount: u64) -> Result<()> {
        let battery = &mut ctx.accounts.battery;
        let member = &mut ctx.accounts.member;
        require!(amount > 0, LedgerError::ZeroAmount);
        require!(amount <= member.balance, LedgerError::ExceedsBalance);
        require!(amount <= member.allocated, LedgerError::ExceedsAllocated);
        require!(ctx.accounts.clock.unix_timestamp < member.allocation_expiry, LedgerError::Expired);

        battery.allocated -= amount;
        battery.sequence += 1;
        member.allocated -= amount;
        member.balance -= amount;

        token::burn(
            CpiContext::new_with_signer(
                ctx.accounts.token_program.to_account_info(),
                Burn {
                    mint: ctx.accounts.mint.to_account_info(),
                    from: ctx.accounts.vault.to_account_info(),
                    authority: battery.to_account_info(),
                },
                &[&[b"battery", battery.creator.as_ref(), battery.mint.as_ref(), &[battery.bump]]],
            ),
            amount,
        )?;

        emit!(EnergyConsumed {
            battery: battery.key(),
            member: member.key(),
            amount,
            balance: member.balance,
            member_allocated: member.allocated,
            available: battery.available,
            allocated: battery.allocated,
            sequence: battery.sequence,
        });
        Ok(())
    }

    pub fn release_expired(ctx: Context<ReleaseExpired>) -> Result<()> {
        let battery = &mut ctx.accounts.battery;
        let member = &mut ctx.accounts.member;
        let amount = member.allocated;
        require!(amount > 0, LedgerError::NothingAllocated);
        require!(ctx.accounts.clock.unix_timestamp >= member.allocation_expiry, LedgerError::NotExpired);

        battery.available += amount;
        battery.allocated -= amount;
        battery.sequence += 1;
        member.allocated = 0;

        emit!(AllocationReleased {
            battery: battery.key(),
            member: member.key(),
            amount,
            available: battery.available,
            allocated: battery.allocated,
            sequence: battery.sequence,
        });
        Ok(())
    }

    pub fn set_policy(
        ctx: Context<Administer>,
        capacity: u64,
        allocation_limit: u64,
        allocation_lifetime: i64,
        efficiency_bps: u16,
    ) -> Result<()> {
        check_policy(capacity, allocation_limit, allocation_lifetime, efficiency_bps)?;
        let battery = &mut ctx.accounts.battery;
        require!(capacity >= battery.available + battery.allocated, LedgerError::CapacityBelowStored);

        battery.capacity = capacity;
        battery.allocation_limit = allocation_limit;
        battery.allocation_lifetime = allocation_lifetime;
        battery.efficiency_bps = efficiency_bps;
        battery.sequence += 1;

        emit!(PolicySet {
            battery: battery.key(),
            capacity,
            allocation_limit,
            allocation_lifetime,
            efficiency_bps,
            available: battery.available,
            allocated: battery.allocated,
            sequence: battery.sequence,
        });
        Ok(())
    }

    pub fn set_member_limit(ctx: Context<SetMemberLimit>, limit: u64) -> Result<()> {
        let battery = &mut ctx.accounts.battery;
        let member = &mut ctx.accounts.member;
        battery.sequence += 1;
        member.allocation_limit = limit;

        emit!(MemberLimitSet {
            battery: battery.key(),
            member: member.key(),
            limit,
            available: battery.available,
            allocated: battery.allocated,
            sequence: battery.sequence,
        });
        Ok(())
    }

    pub fn pause(ctx: Context<Administer>) -> Result<()> {
        let battery = &mut ctx.accounts.battery;
        require!(!battery.paused, LedgerError::Paused);
        battery.paused = true;
        battery.sequence += 1;

        emit!(BatteryPaused {
            battery: battery.key(),
            available: battery.available,
            allocated: battery.allocated,
            sequence: battery.sequence,
        });
        Ok(())
    }

    pub fn resume(ctx: Context<Administer>) -> Result<()> {
        let battery = &mut ctx.accounts.battery;
        require!(battery.paused, LedgerError::NotPaused);
        battery.paused = false;
        battery.sequence += 1;

        emit!(BatteryResumed {
            battery: battery.key(),
            available: battery.available,
            allocated: battery.allocated,
            sequence: battery.sequence,
        });
        Ok(())
    }

    pub fn propose_authority(ctx: Context<Administer>, proposed: Pubkey) -> Result<()> {
        let battery = &mut ctx.accounts.battery;
        battery.pending_authority = proposed;
        battery.sequence += 1;

        emit!(AuthorityProposed {
            battery: battery.key(),
            proposed,
            available: battery.available,
            allocated: battery.allocated,
            sequence: battery.sequence,
        });
        Ok(())
    }

    pub fn accept_authority(ctx: Context<AcceptAuthority>) -> Result<()> {
        let battery = &mut ctx.accounts.battery;
        battery.authority = ctx.accounts.authority.key();
        battery.sequence += 1;

        emit!(AuthorityAccepted {
            battery: battery.key(),
            authority: battery.authority,
            available: battery.available,
            allocated: battery.allocated,
            sequence: battery.sequence,
        });
        Ok(())
    }
}

fn check_policy(
    capacity: u64,
    allocation_limit: u64,
    allocation_lifetime: i64,
    efficiency_bps: u16,
) -> Result<()> {
    require!(capacity > 0, LedgerError::ZeroCapacity);
    require!(allocation_limit > 0, LedgerError::ZeroAllocationLimit);
    require!(allocation_limit <= capacity, LedgerError::AllocationLimitExceedsCapacity);
    require!(allocation_lifetime > 0, LedgerError::ZeroAllocationLifetime);
    require!(allocation_lifetime <= MAX_LIFETIME, LedgerError::AllocationLifetimeTooLong);
    require!(efficiency_bps > 0, LedgerError::ZeroEfficiency);
    require!(efficiency_bps <= BPS, LedgerError::EfficiencyTooHigh);
    Ok(())
}

#[derive(Accounts)]
pub struct Initialize<'info> {
    #[account(mut)]
    pub authority: Signer<'info>,
    #[account(mint::decimals = DECIMALS)]
    pub mint: Box<Account<'info, Mint>>,
    #[account(
        init,
        payer = authority,
        space = 8 + std::mem::size_of::<Battery>(),
        seeds = [b"battery", authority.key().as_ref(), mint.key().as_ref()],
        bump,
    )]
    pub battery: Box<Account<'info, Battery>>,
    #[account(
        init,
        payer = authority,
        seeds = [b"vault", battery.key().as_ref()],
        bump,
        token::mint = mint,
        token::authority = battery,
    )]
    pub vault: Box<Account<'info, TokenAccount>>,
    pub rent: Sysvar<'info, Rent>,
    pub system_program: Program<'info, System>,
    pub token_program: Program<'info, Token>,
}

#[derive(Accounts)]
#[instruction(owner: Pubkey)]
pub struct OpenMember<'info> {
    #[account(mut)]
    pub payer: Signer<'info>,
    #[account(mut)]
    pub battery: Box<Account<'info, Battery>>,
    #[account(
        init,
        payer = payer,
        space = 8 + std::mem::size_of::<Member>(),
        seeds = [b"member", battery.key().as_ref(), owner.as_ref()],
        bump,
    )]
    pub member: Box<Account<'info, Member>>,
    pub rent: Sysvar<'info, Rent>,
    pub system_program: Program<'info, System>,
}

#[derive(Accounts)]
pub struct DepositEnergy<'info> {
    pub owner: Signer<'info>,
    #[account(mut, has_one = mint, has_one = vault)]
    pub battery: Box<Account<'info, Battery>>,
    #[account(mut, has_one = battery, has_one = owner)]
    pub member: Box<Account<'info, Member>>,
    #[account(mut)]
    pub mint: Box<Account<'info, Mint>>,
    #[account(mut)]
    pub vault: Box<Account<'info, TokenAccount>>,
    #[account(
        mut,
        token::mint = mint,
        token::authority = owner,
        constraint = source.key() != vault.key() @ LedgerError::SourceIsVault,
    )]
    pub source: Box<Account<'info, TokenAccount>>,
    pub token_program: Program<'info, Token>,
}

#[derive(Accounts)]
pub struct WithdrawEnergy<'info> {
    pub owner: Signer<'info>,
    #[account(mut, has_one = vault)]
    pub battery: Box<Account<'info, Battery>>,
    #[account(mut, has_one = battery, has_one = owner)]
    pub member: Box<Account<'info, Member>>,
    #[account(mut)]
    pub vault: Box<Account<'info, TokenAccount>>,
    #[account(
        mut,
        constraint = destination.key() != vault.key() @ LedgerError::DestinationIsVault,
        constraint = destination.mint == battery.mint @ LedgerError::AnotherMint,
    )]
    pub destination: Box<Account<'info, TokenAccount>>,
    pub token_program: Program<'info, Token>,
}

#[derive(Accounts)]
pub struct Allocate<'info> {
    pub owner: Signer<'info>,
    #[account(mut)]
    pub battery: Box<Account<'info, Battery>>,
    #[account(mut, has_one = battery, has_one = owner)]
    pub member: Box<Account<'info, Member>>,
    pub clock: Sysvar<'info, Clock>,
}

#[derive(Accounts)]
pub struct Deallocate<'info> {
    pub owner: Signer<'info>,
    #[account(mut)]
    pub battery: Box<Account<'info, Battery>>,
    #[account(mut, has_one = battery, has_one = owner)]
    pub member: Box<Account<'info, Member>>,
}

#[derive(Accounts)]
pub struct ReturnRent<'info> {
    #[account(mut)]
    pub owner: Signer<'info>,
    #[account(mut, has_one = owner)]
    pub member: Box<Account<'info, Member>>,
}

#[derive(Accounts)]
pub struct Consume<'info> {
    pub owner: Signer<'info>,
    #[account(mut, has_one = mint, has_one = vault)]
    pub battery: Box<Account<'info, Battery>>,
    #[account(mut, has_one = battery, has_one = owner)]
    pub member: Box<Account<'info, Member>>,
    #[account(mut)]
    pub mint: Box<Account<'info, Mint>>,
    #[account(mut)]
    pub vault: Box<Account<'info, TokenAccount>>,
    pub clock: Sysvar<'info, Clock>,
    pub token_program: Program<'info, Token>,
}

#[derive(Accounts)]
pub struct ReleaseExpired<'info> {
    #[account(mut)]
    pub battery: Box<Account<'info, Battery>>,
    #[account(mut, has_one = battery)]
    pub member: Box<Account<'info, Member>>,
    pub clock: Sysvar<'info, Clock>,
}

/// What the authority alone may do to a battery.
#[derive(Accounts)]
pub struct Administer<'info> {
    pub authority: Signer<'info>,
    #[account(mut, has_one = authority)]
    pub battery: Box<Account<'info, Battery>>,
}

#[derive(Accounts)]
pub struct SetMemberLimit<'info> {
    pub authority: Signer<'info>,
    #[account(mut, has_one = authority)]
    pub battery: Box<Account<'info, Battery>>,
    #[account(mut, has_one = battery)]
    pub member: Box<Account<'info, Member>>,
}

#[derive(Accounts)]
pub struct AcceptAuthority<'info> {
    pub authority: Signer<'info>,
    #[account(
        mut,
        constraint = battery.pending_authority != battery.authority @ LedgerError::NothingProposed,
        constraint = battery.pending_authority == authority.key() @ LedgerError::NotProposed,
    )]
    pub battery: Box<Account<'info, Battery>>,
}

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy)]
pub enum Resource {
    Energy,
    Water,
    Waste,
}

#[account]
pub struct Battery {
    pub creator: Pubkey,
    pub authority: Pubkey,
    pub pending_authority: Pubkey,
    pub mint: Pubkey,
    pub vault: Pubkey,
    pub capacity: u64,
    pub available: u64,
    pub allocated: u64,
    pub allocation_limit: u64,
    pub allocation_lifetime: i64,
    pub member_count: u64,
    pub sequence: u64,
    pub efficiency_bps: u16,
    pub resource: Resource,
    pub paused: bool,
    pub bump: u8,
}

impl Battery {
    /// Rounded down, so in favour of the vault, and at most the amount.
    fn credit_for(&self, amount: u64) -> u64 {
        (u128::from(amount) * u128::from(self.efficiency_bps) / u128::from(BPS)) as u64
    }

    fn free_capacity(&self) -> u64 {
        self.capacity - self.available - self.allocated
    }
}

#[account]
pub struct Member {
    pub owner: Pubkey,
    pub battery: Pubkey,
    pub balance: u64,
    pub allocated: u64,
    pub allocation_limit: u64,
    pub allocation_expiry: i64,
}

impl Member {
    fn unallocated(&self) -> u64 {
        self.balance - self.allocated
    }
}

#[event]
pub struct BatteryInitialized {
    pub battery: Pubkey,
    pub authority: Pubkey,
    pub mint: Pubkey,
    pub capacity: u64,
    pub allocation_limit: u64,
    pub allocation_lifetime: i64,
    pub efficiency_bps: u16,
    pub resource: u8,
    pub available: u64,
    pub allocated: u64,
    pub sequence: u64,
}

#[event]
pub struct MemberOpened {
    pub battery: Pubkey,
    pub member: Pubkey,
    pub owner: Pubkey,
    pub member_count: u64,
    pub available: u64,
    pub allocated: u64,
    pub sequence: u64,
}

#[event]
pub struct EnergyDeposited {
    pub battery: Pubkey,
    pub member: Pubkey,
    pub amount: u64,
    pub credit: u64,
    pub balance: u64,
    pub available: u64,
    pub allocated: u64,
    pub sequence: u64,
}

#[event]
pub struct EnergyWithdrawn {
    pub battery: Pubkey,
    pub member: Pubkey,
    pub amount: u64,
    pub balance: u64,
    pub available: u64,
    pub allocated: u64,
    pub sequence: u64,
}

#[event]
pub struct EnergyAllocated {
    pub battery: Pubkey,
    pub member: Pubkey,
    pub amount: u64,
    pub member_allocated: u64,
    pub expiry: i64,
    pub available: u64,
    pub allocated: u64,
    pub sequence: u64,
}

#[event]
pub struct EnergyDeallocated {
    pub battery: Pubkey,
    pub member: Pubkey,
    pub amount: u64,
    pub member_allocated: u64,
    pub available: u64,
    pub allocated: u64,
    pub sequence: u64,
}

#[event]
pub struct EnergyConsumed {
    pub battery: Pubkey,
    pub member: Pubkey,
    pub amount: u64,
    pub balance: u64,
    pub member_allocated: u64,
    pub available: u64,
    pub allocated: u64,
    pub sequence: u64,
}

#[event]
pub struct AllocationReleased {
    pub battery: Pubkey,
    pub member: Pubkey,
    pub amount: u64,
    pub available: u64,
    pub allocated: u64,
    pub sequence: u64,
}

#[event]
pub struct PolicySet {
    pub battery: Pubkey,
    pub capacity: u64,
    pub allocation_limit: u64,
    pub allocation_lifetime: i64,
    pub efficiency_bps: u16,
    pub available: u64,
    pub allocated: u64,
    pub sequence: u64,
}

#[event]
pub struct MemberLimitSet {
    pub battery: Pubkey,
    pub member: Pubkey,
    pub limit: u64,
    pub available: u64,
    pub allocated: u64,
    pub sequence: u64,
}

#[event]
pub struct BatteryPaused {
    pub battery: Pubkey,
    pub available: u64,
    pub allocated: u64,
    pub sequence: u64,
}

#[event]
pub struct BatteryResumed {
    pub battery: Pubkey,
    pub available: u64,
    pub allocated: u64,
    pub sequence: u64,
}

#[event]
pub struct AuthorityProposed {
    pub battery: Pubkey,
    pub proposed: Pubkey,
    pub available: u64,
    pub allocated: u64,
    pub sequence: u64,
}

#[event]
pub struct AuthorityAccepted {
    pub battery: Pubkey,
    pub authority: Pubkey,
    pub available: u64,
    pub allocated: u64,
    pub sequence: u64,
}

#[error_code]
pub enum LedgerError {
    #[msg("capacity must be positive")]
    ZeroCapacity,
    #[msg("allocation limit must be positive")]
    ZeroAllocationLimit,
    #[msg("allocation limit exceeds the capacity")]
    AllocationLimitExceedsCapacity,
    #[msg("allocation lifetime must be positive")]
    ZeroAllocationLifetime,
    #[msg("allocation lifetime exceeds a year")]
    AllocationLifetimeTooLong,
    #[msg("efficiency must be positive")]
    ZeroEfficiency,
    #[msg("efficiency exceeds 10000 basis points")]
    EfficiencyTooHigh,
    #[msg("battery is paused")]
    Paused,
    #[msg("source is the vault")]
    SourceIsVault,
    #[msg("destination is the vault")]
    DestinationIsVault,
    #[msg("destination holds another mint")]
    AnotherMint,
    #[msg("amount must be positive")]
    ZeroAmount,
    #[msg("credit rounds to zero")]
    ZeroCredit,
    #[msg("credit is below the minimum")]
    CreditBelowMinimum,
    #[msg("amount exceeds the free capacity")]
    ExceedsFreeCapacity,
    #[msg("amount exceeds the balance")]
    ExceedsBalance,
    #[msg("amount exceeds what is available")]
    ExceedsAvailable,
    #[msg("amount exceeds the unallocated balance")]
    ExceedsUnallocated,
    #[msg("amount exceeds the allocation limit")]
    ExceedsAllocationLimit,
    #[msg("amount exceeds what is allocated")]
    ExceedsAllocated,
    #[msg("allocation has expired")]
    Expired,
    #[msg("nothing is allocated")]
    NothingAllocated,
    #[msg("allocation has not expired")]
    NotExpired,
    #[msg("capacity is below what is stored")]
    CapacityBelowStored,
    #[msg("battery is not paused")]
    NotPaused,
    #[msg("no new authority is proposed")]
    NothingProposed,
    #[msg("signer is not the proposed authority")]
    NotProposed,
    #[msg("nothing is left for the rent")]
    NoRent,
}
