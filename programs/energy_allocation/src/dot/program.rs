#![allow(unused_imports)]
#![allow(unused_variables)]
#![allow(unused_mut)]
use crate::{id, seahorse_util::*};
use anchor_lang::{prelude::*, solana_program};
use anchor_spl::token::{self, Mint, Token, TokenAccount};
use std::{cell::RefCell, rc::Rc};

seahorse_const! { BPS , 10000 }

seahorse_const! { DECIMALS , 3 }

seahorse_const! { MAX_LIFETIME , 31536000 }

seahorse_const! { POLICY_LIMIT , 18446744073709551615 }

#[event]
pub struct AllocationReleased {
    pub battery: Pubkey,
    pub member: Pubkey,
    pub amount: u64,
    pub available: u64,
    pub allocated: u64,
    pub sequence: u64,
}

#[derive(Clone, Debug, Default)]
pub struct LoadedAllocationReleased {
    pub battery: Pubkey,
    pub member: Pubkey,
    pub amount: u64,
    pub available: u64,
    pub allocated: u64,
    pub sequence: u64,
}

impl Mutable<LoadedAllocationReleased> {
    fn __emit__(&self) {
        let e = self.borrow();

        emit!(AllocationReleased {
            battery: e.battery.clone(),
            member: e.member.clone(),
            amount: e.amount,
            available: e.available,
            allocated: e.allocated,
            sequence: e.sequence
        })
    }
}

impl LoadedAllocationReleased {
    pub fn __new__(
        battery: Pubkey,
        member: Pubkey,
        amount: u64,
        available: u64,
        allocated: u64,
        sequence: u64,
    ) -> Mutable<Self> {
        let obj = LoadedAllocationReleased {
            battery,
            member,
            amount,
            available,
            allocated,
            sequence,
        };

        return Mutable::new(obj);
    }
}

impl Loadable for AllocationReleased {
    type Loaded = LoadedAllocationReleased;

    fn load(stored: Self) -> Self::Loaded {
        Self::Loaded {
            battery: stored.battery,
            member: stored.member,
            amount: stored.amount,
            available: stored.available,
            allocated: stored.allocated,
            sequence: stored.sequence,
        }
    }

    fn store(loaded: Self::Loaded) -> Self {
        Self {
            battery: loaded.battery.clone(),
            member: loaded.member.clone(),
            amount: loaded.amount,
            available: loaded.available,
            allocated: loaded.allocated,
            sequence: loaded.sequence,
        }
    }
}

#[event]
pub struct AuthorityAccepted {
    pub battery: Pubkey,
    pub authority: Pubkey,
    pub available: u64,
    pub allocated: u64,
    pub sequence: u64,
}

#[derive(Clone, Debug, Default)]
pub struct LoadedAuthorityAccepted {
    pub battery: Pubkey,
    pub authority: Pubkey,
    pub available: u64,
    pub allocated: u64,
    pub sequence: u64,
}

impl Mutable<LoadedAuthorityAccepted> {
    fn __emit__(&self) {
        let e = self.borrow();

        emit!(AuthorityAccepted {
            battery: e.battery.clone(),
            authority: e.authority.clone(),
            available: e.available,
            allocated: e.allocated,
            sequence: e.sequence
        })
    }
}

impl LoadedAuthorityAccepted {
    pub fn __new__(
        battery: Pubkey,
        authority: Pubkey,
        available: u64,
        allocated: u64,
        sequence: u64,
    ) -> Mutable<Self> {
        let obj = LoadedAuthorityAccepted {
            battery,
            authority,
            available,
            allocated,
            sequence,
        };

        return Mutable::new(obj);
    }
}

impl Loadable for AuthorityAccepted {
    type Loaded = LoadedAuthorityAccepted;

    fn load(stored: Self) -> Self::Loaded {
        Self::Loaded {
            battery: stored.battery,
            authority: stored.authority,
            available: stored.available,
            allocated: stored.allocated,
            sequence: stored.sequence,
        }
    }

    fn store(loaded: Self::Loaded) -> Self {
        Self {
            battery: loaded.battery.clone(),
            authority: loaded.authority.clone(),
            available: loaded.available,
            allocated: loaded.allocated,
            sequence: loaded.sequence,
        }
    }
}

#[event]
pub struct AuthorityProposed {
    pub battery: Pubkey,
    pub proposed: Pubkey,
    pub available: u64,
    pub allocated: u64,
    pub sequence: u64,
}

#[derive(Clone, Debug, Default)]
pub struct LoadedAuthorityProposed {
    pub battery: Pubkey,
    pub proposed: Pubkey,
    pub available: u64,
    pub allocated: u64,
    pub sequence: u64,
}

impl Mutable<LoadedAuthorityProposed> {
    fn __emit__(&self) {
        let e = self.borrow();

        emit!(AuthorityProposed {
            battery: e.battery.clone(),
            proposed: e.proposed.clone(),
            available: e.available,
            allocated: e.allocated,
            sequence: e.sequence
        })
    }
}

impl LoadedAuthorityProposed {
    pub fn __new__(
        battery: Pubkey,
        proposed: Pubkey,
        available: u64,
        allocated: u64,
        sequence: u64,
    ) -> Mutable<Self> {
        let obj = LoadedAuthorityProposed {
            battery,
            proposed,
            available,
            allocated,
            sequence,
        };

        return Mutable::new(obj);
    }
}

impl Loadable for AuthorityProposed {
    type Loaded = LoadedAuthorityProposed;

    fn load(stored: Self) -> Self::Loaded {
        Self::Loaded {
            battery: stored.battery,
            proposed: stored.proposed,
            available: stored.available,
            allocated: stored.allocated,
            sequence: stored.sequence,
        }
    }

    fn store(loaded: Self::Loaded) -> Self {
        Self {
            battery: loaded.battery.clone(),
            proposed: loaded.proposed.clone(),
            available: loaded.available,
            allocated: loaded.allocated,
            sequence: loaded.sequence,
        }
    }
}

#[account]
#[derive(Debug)]
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

impl<'info, 'entrypoint> Battery {
    pub fn load(
        account: &'entrypoint mut Box<Account<'info, Self>>,
        programs_map: &'entrypoint ProgramsMap<'info>,
    ) -> Mutable<LoadedBattery<'info, 'entrypoint>> {
        let creator = account.creator.clone();
        let authority = account.authority.clone();
        let pending_authority = account.pending_authority.clone();
        let mint = account.mint.clone();
        let vault = account.vault.clone();
        let capacity = account.capacity;
        let available = account.available;
        let allocated = account.allocated;
        let allocation_limit = account.allocation_limit;
        let allocation_lifetime = account.allocation_lifetime;
        let member_count = account.member_count;
        let sequence = account.sequence;
        let efficiency_bps = account.efficiency_bps;
        let resource = account.resource.clone();
        let paused = account.paused.clone();
        let bump = account.bump;

        Mutable::new(LoadedBattery {
            __account__: account,
            __programs__: programs_map,
            creator,
            authority,
            pending_authority,
            mint,
            vault,
            capacity,
            available,
            allocated,
            allocation_limit,
            allocation_lifetime,
            member_count,
            sequence,
            efficiency_bps,
            resource,
            paused,
            bump,
        })
    }

    pub fn store(loaded: Mutable<LoadedBattery>) {
        let mut loaded = loaded.borrow_mut();
        let creator = loaded.creator.clone();

        loaded.__account__.creator = creator;

        let authority = loaded.authority.clone();

        loaded.__account__.authority = authority;

        let pending_authority = loaded.pending_authority.clone();

        loaded.__account__.pending_authority = pending_authority;

        let mint = loaded.mint.clone();

        loaded.__account__.mint = mint;

        let vault = loaded.vault.clone();

        loaded.__account__.vault = vault;

        let capacity = loaded.capacity;

        loaded.__account__.capacity = capacity;

        let available = loaded.available;

        loaded.__account__.available = available;

        let allocated = loaded.allocated;

        loaded.__account__.allocated = allocated;

        let allocation_limit = loaded.allocation_limit;

        loaded.__account__.allocation_limit = allocation_limit;

        let allocation_lifetime = loaded.allocation_lifetime;

        loaded.__account__.allocation_lifetime = allocation_lifetime;

        let member_count = loaded.member_count;

        loaded.__account__.member_count = member_count;

        let sequence = loaded.sequence;

        loaded.__account__.sequence = sequence;

        let efficiency_bps = loaded.efficiency_bps;

        loaded.__account__.efficiency_bps = efficiency_bps;

        let resource = loaded.resource.clone();

        loaded.__account__.resource = resource;

        let paused = loaded.paused.clone();

        loaded.__account__.paused = paused;

        let bump = loaded.bump;

        loaded.__account__.bump = bump;
    }
}

#[derive(Debug)]
pub struct LoadedBattery<'info, 'entrypoint> {
    pub __account__: &'entrypoint mut Box<Account<'info, Battery>>,
    pub __programs__: &'entrypoint ProgramsMap<'info>,
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

#[derive(Clone, Debug, Default)]
pub struct LoadedBatteryInitialized {
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

impl Mutable<LoadedBatteryInitialized> {
    fn __emit__(&self) {
        let e = self.borrow();

        emit!(BatteryInitialized {
            battery: e.battery.clone(),
            authority: e.authority.clone(),
            mint: e.mint.clone(),
            capacity: e.capacity,
            allocation_limit: e.allocation_limit,
            allocation_lifetime: e.allocation_lifetime,
            efficiency_bps: e.efficiency_bps,
            resource: e.resource,
            available: e.available,
            allocated: e.allocated,
            sequence: e.sequence
        })
    }
}

impl LoadedBatteryInitialized {
    pub fn __new__(
        battery: Pubkey,
        authority: Pubkey,
        mint: Pubkey,
        capacity: u64,
        allocation_limit: u64,
        allocation_lifetime: i64,
        efficiency_bps: u16,
        resource: u8,
        available: u64,
        allocated: u64,
        sequence: u64,
    ) -> Mutable<Self> {
        let obj = LoadedBatteryInitialized {
            battery,
            authority,
            mint,
            capacity,
            allocation_limit,
            allocation_lifetime,
            efficiency_bps,
            resource,
            available,
            allocated,
            sequence,
        };

        return Mutable::new(obj);
    }
}

impl Loadable for BatteryInitialized {
    type Loaded = LoadedBatteryInitialized;

    fn load(stored: Self) -> Self::Loaded {
        Self::Loaded {
            battery: stored.battery,
            authority: stored.authority,
            mint: stored.mint,
            capacity: stored.capacity,
            allocation_limit: stored.allocation_limit,
            allocation_lifetime: stored.allocation_lifetime,
            efficiency_bps: stored.efficiency_bps,
            resource: stored.resource,
            available: stored.available,
            allocated: stored.allocated,
            sequence: stored.sequence,
        }
    }

    fn store(loaded: Self::Loaded) -> Self {
        Self {
            battery: loaded.battery.clone(),
            authority: loaded.authority.clone(),
            mint: loaded.mint.clone(),
            capacity: loaded.capacity,
            allocation_limit: loaded.allocation_limit,
            allocation_lifetime: loaded.allocation_lifetime,
            efficiency_bps: loaded.efficiency_bps,
            resource: loaded.resource,
            available: loaded.available,
            allocated: loaded.allocated,
            sequence: loaded.sequence,
        }
    }
}

#[event]
pub struct BatteryPaused {
    pub battery: Pubkey,
    pub available: u64,
    pub allocated: u64,
    pub sequence: u64,
}

#[derive(Clone, Debug, Default)]
pub struct LoadedBatteryPaused {
    pub battery: Pubkey,
    pub available: u64,
    pub allocated: u64,
    pub sequence: u64,
}

impl Mutable<LoadedBatteryPaused> {
    fn __emit__(&self) {
        let e = self.borrow();

        emit!(BatteryPaused {
            battery: e.battery.clone(),
            available: e.available,
            allocated: e.allocated,
            sequence: e.sequence
        })
    }
}

impl LoadedBatteryPaused {
    pub fn __new__(
        battery: Pubkey,
        available: u64,
        allocated: u64,
        sequence: u64,
    ) -> Mutable<Self> {
        let obj = LoadedBatteryPaused {
            battery,
            available,
            allocated,
            sequence,
        };

        return Mutable::new(obj);
    }
}

impl Loadable for BatteryPaused {
    type Loaded = LoadedBatteryPaused;

    fn load(stored: Self) -> Self::Loaded {
        Self::Loaded {
            battery: stored.battery,
            available: stored.available,
            allocated: stored.allocated,
            sequence: stored.sequence,
        }
    }

    fn store(loaded: Self::Loaded) -> Self {
        Self {
            battery: loaded.battery.clone(),
            available: loaded.available,
            allocated: loaded.allocated,
            sequence: loaded.sequence,
        }
    }
}

#[event]
pub struct BatteryResumed {
    pub battery: Pubkey,
    pub available: u64,
    pub allocated: u64,
    pub sequence: u64,
}

#[derive(Clone, Debug, Default)]
pub struct LoadedBatteryResumed {
    pub battery: Pubkey,
    pub available: u64,
    pub allocated: u64,
    pub sequence: u64,
}

impl Mutable<LoadedBatteryResumed> {
    fn __emit__(&self) {
        let e = self.borrow();

        emit!(BatteryResumed {
            battery: e.battery.clone(),
            available: e.available,
            allocated: e.allocated,
            sequence: e.sequence
        })
    }
}

impl LoadedBatteryResumed {
    pub fn __new__(
        battery: Pubkey,
        available: u64,
        allocated: u64,
        sequence: u64,
    ) -> Mutable<Self> {
        let obj = LoadedBatteryResumed {
            battery,
            available,
            allocated,
            sequence,
        };

        return Mutable::new(obj);
    }
}

impl Loadable for BatteryResumed {
    type Loaded = LoadedBatteryResumed;

    fn load(stored: Self) -> Self::Loaded {
        Self::Loaded {
            battery: stored.battery,
            available: stored.available,
            allocated: stored.allocated,
            sequence: stored.sequence,
        }
    }

    fn store(loaded: Self::Loaded) -> Self {
        Self {
            battery: loaded.battery.clone(),
            available: loaded.available,
            allocated: loaded.allocated,
            sequence: loaded.sequence,
        }
    }
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

#[derive(Clone, Debug, Default)]
pub struct LoadedEnergyAllocated {
    pub battery: Pubkey,
    pub member: Pubkey,
    pub amount: u64,
    pub member_allocated: u64,
    pub expiry: i64,
    pub available: u64,
    pub allocated: u64,
    pub sequence: u64,
}

impl Mutable<LoadedEnergyAllocated> {
    fn __emit__(&self) {
        let e = self.borrow();

        emit!(EnergyAllocated {
            battery: e.battery.clone(),
            member: e.member.clone(),
            amount: e.amount,
            member_allocated: e.member_allocated,
            expiry: e.expiry,
            available: e.available,
            allocated: e.allocated,
            sequence: e.sequence
        })
    }
}

impl LoadedEnergyAllocated {
    pub fn __new__(
        battery: Pubkey,
        member: Pubkey,
        amount: u64,
        member_allocated: u64,
        expiry: i64,
        available: u64,
        allocated: u64,
        sequence: u64,
    ) -> Mutable<Self> {
        let obj = LoadedEnergyAllocated {
            battery,
            member,
            amount,
            member_allocated,
            expiry,
            available,
            allocated,
            sequence,
        };

        return Mutable::new(obj);
    }
}

impl Loadable for EnergyAllocated {
    type Loaded = LoadedEnergyAllocated;

    fn load(stored: Self) -> Self::Loaded {
        Self::Loaded {
            battery: stored.battery,
            member: stored.member,
            amount: stored.amount,
            member_allocated: stored.member_allocated,
            expiry: stored.expiry,
            available: stored.available,
            allocated: stored.allocated,
            sequence: stored.sequence,
        }
    }

    fn store(loaded: Self::Loaded) -> Self {
        Self {
            battery: loaded.battery.clone(),
            member: loaded.member.clone(),
            amount: loaded.amount,
            member_allocated: loaded.member_allocated,
            expiry: loaded.expiry,
            available: loaded.available,
            allocated: loaded.allocated,
            sequence: loaded.sequence,
        }
    }
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

#[derive(Clone, Debug, Default)]
pub struct LoadedEnergyConsumed {
    pub battery: Pubkey,
    pub member: Pubkey,
    pub amount: u64,
    pub balance: u64,
    pub member_allocated: u64,
    pub available: u64,
    pub allocated: u64,
    pub sequence: u64,
}

impl Mutable<LoadedEnergyConsumed> {
    fn __emit__(&self) {
        let e = self.borrow();

        emit!(EnergyConsumed {
            battery: e.battery.clone(),
            member: e.member.clone(),
            amount: e.amount,
            balance: e.balance,
            member_allocated: e.member_allocated,
            available: e.available,
            allocated: e.allocated,
            sequence: e.sequence
        })
    }
}

impl LoadedEnergyConsumed {
    pub fn __new__(
        battery: Pubkey,
        member: Pubkey,
        amount: u64,
        balance: u64,
        member_allocated: u64,
        available: u64,
        allocated: u64,
        sequence: u64,
    ) -> Mutable<Self> {
        let obj = LoadedEnergyConsumed {
            battery,
            member,
            amount,
            balance,
            member_allocated,
            available,
            allocated,
            sequence,
        };

        return Mutable::new(obj);
    }
}

impl Loadable for EnergyConsumed {
    type Loaded = LoadedEnergyConsumed;

    fn load(stored: Self) -> Self::Loaded {
        Self::Loaded {
            battery: stored.battery,
            member: stored.member,
            amount: stored.amount,
            balance: stored.balance,
            member_allocated: stored.member_allocated,
            available: stored.available,
            allocated: stored.allocated,
            sequence: stored.sequence,
        }
    }

    fn store(loaded: Self::Loaded) -> Self {
        Self {
            battery: loaded.battery.clone(),
            member: loaded.member.clone(),
            amount: loaded.amount,
            balance: loaded.balance,
            member_allocated: loaded.member_allocated,
            available: loaded.available,
            allocated: loaded.allocated,
            sequence: loaded.sequence,
        }
    }
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

#[derive(Clone, Debug, Default)]
pub struct LoadedEnergyDeallocated {
    pub battery: Pubkey,
    pub member: Pubkey,
    pub amount: u64,
    pub member_allocated: u64,
    pub available: u64,
    pub allocated: u64,
    pub sequence: u64,
}

impl Mutable<LoadedEnergyDeallocated> {
    fn __emit__(&self) {
        let e = self.borrow();

        emit!(EnergyDeallocated {
            battery: e.battery.clone(),
            member: e.member.clone(),
            amount: e.amount,
            member_allocated: e.member_allocated,
            available: e.available,
            allocated: e.allocated,
            sequence: e.sequence
        })
    }
}

impl LoadedEnergyDeallocated {
    pub fn __new__(
        battery: Pubkey,
        member: Pubkey,
        amount: u64,
        member_allocated: u64,
        available: u64,
        allocated: u64,
        sequence: u64,
    ) -> Mutable<Self> {
        let obj = LoadedEnergyDeallocated {
            battery,
            member,
            amount,
            member_allocated,
            available,
            allocated,
            sequence,
        };

        return Mutable::new(obj);
    }
}

impl Loadable for EnergyDeallocated {
    type Loaded = LoadedEnergyDeallocated;

    fn load(stored: Self) -> Self::Loaded {
        Self::Loaded {
            battery: stored.battery,
            member: stored.member,
            amount: stored.amount,
            member_allocated: stored.member_allocated,
            available: stored.available,
            allocated: stored.allocated,
            sequence: stored.sequence,
        }
    }

    fn store(loaded: Self::Loaded) -> Self {
        Self {
            battery: loaded.battery.clone(),
            member: loaded.member.clone(),
            amount: loaded.amount,
            member_allocated: loaded.member_allocated,
            available: loaded.available,
            allocated: loaded.allocated,
            sequence: loaded.sequence,
        }
    }
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

#[derive(Clone, Debug, Default)]
pub struct LoadedEnergyDeposited {
    pub battery: Pubkey,
    pub member: Pubkey,
    pub amount: u64,
    pub credit: u64,
    pub balance: u64,
    pub available: u64,
    pub allocated: u64,
    pub sequence: u64,
}

impl Mutable<LoadedEnergyDeposited> {
    fn __emit__(&self) {
        let e = self.borrow();

        emit!(EnergyDeposited {
            battery: e.battery.clone(),
            member: e.member.clone(),
            amount: e.amount,
            credit: e.credit,
            balance: e.balance,
            available: e.available,
            allocated: e.allocated,
            sequence: e.sequence
        })
    }
}

impl LoadedEnergyDeposited {
    pub fn __new__(
        battery: Pubkey,
        member: Pubkey,
        amount: u64,
        credit: u64,
        balance: u64,
        available: u64,
        allocated: u64,
        sequence: u64,
    ) -> Mutable<Self> {
        let obj = LoadedEnergyDeposited {
            battery,
            member,
            amount,
            credit,
            balance,
            available,
            allocated,
            sequence,
        };

        return Mutable::new(obj);
    }
}

impl Loadable for EnergyDeposited {
    type Loaded = LoadedEnergyDeposited;

    fn load(stored: Self) -> Self::Loaded {
        Self::Loaded {
            battery: stored.battery,
            member: stored.member,
            amount: stored.amount,
            credit: stored.credit,
            balance: stored.balance,
            available: stored.available,
            allocated: stored.allocated,
            sequence: stored.sequence,
        }
    }

    fn store(loaded: Self::Loaded) -> Self {
        Self {
            battery: loaded.battery.clone(),
            member: loaded.member.clone(),
            amount: loaded.amount,
            credit: loaded.credit,
            balance: loaded.balance,
            available: loaded.available,
            allocated: loaded.allocated,
            sequence: loaded.sequence,
        }
    }
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

#[derive(Clone, Debug, Default)]
pub struct LoadedEnergyWithdrawn {
    pub battery: Pubkey,
    pub member: Pubkey,
    pub amount: u64,
    pub balance: u64,
    pub available: u64,
    pub allocated: u64,
    pub sequence: u64,
}

impl Mutable<LoadedEnergyWithdrawn> {
    fn __emit__(&self) {
        let e = self.borrow();

        emit!(EnergyWithdrawn {
            battery: e.battery.clone(),
            member: e.member.clone(),
            amount: e.amount,
            balance: e.balance,
            available: e.available,
            allocated: e.allocated,
            sequence: e.sequence
        })
    }
}

impl LoadedEnergyWithdrawn {
    pub fn __new__(
        battery: Pubkey,
        member: Pubkey,
        amount: u64,
        balance: u64,
        available: u64,
        allocated: u64,
        sequence: u64,
    ) -> Mutable<Self> {
        let obj = LoadedEnergyWithdrawn {
            battery,
            member,
            amount,
            balance,
            available,
            allocated,
            sequence,
        };

        return Mutable::new(obj);
    }
}

impl Loadable for EnergyWithdrawn {
    type Loaded = LoadedEnergyWithdrawn;

    fn load(stored: Self) -> Self::Loaded {
        Self::Loaded {
            battery: stored.battery,
            member: stored.member,
            amount: stored.amount,
            balance: stored.balance,
            available: stored.available,
            allocated: stored.allocated,
            sequence: stored.sequence,
        }
    }

    fn store(loaded: Self::Loaded) -> Self {
        Self {
            battery: loaded.battery.clone(),
            member: loaded.member.clone(),
            amount: loaded.amount,
            balance: loaded.balance,
            available: loaded.available,
            allocated: loaded.allocated,
            sequence: loaded.sequence,
        }
    }
}

#[account]
#[derive(Debug)]
pub struct Member {
    pub owner: Pubkey,
    pub battery: Pubkey,
    pub balance: u64,
    pub allocated: u64,
    pub allocation_limit: u64,
    pub allocation_expiry: i64,
}

impl<'info, 'entrypoint> Member {
    pub fn load(
        account: &'entrypoint mut Box<Account<'info, Self>>,
        programs_map: &'entrypoint ProgramsMap<'info>,
    ) -> Mutable<LoadedMember<'info, 'entrypoint>> {
        let owner = account.owner.clone();
        let battery = account.battery.clone();
        let balance = account.balance;
        let allocated = account.allocated;
        let allocation_limit = account.allocation_limit;
        let allocation_expiry = account.allocation_expiry;

        Mutable::new(LoadedMember {
            __account__: account,
            __programs__: programs_map,
            owner,
            battery,
            balance,
            allocated,
            allocation_limit,
            allocation_expiry,
        })
    }

    pub fn store(loaded: Mutable<LoadedMember>) {
        let mut loaded = loaded.borrow_mut();
        let owner = loaded.owner.clone();

        loaded.__account__.owner = owner;

        let battery = loaded.battery.clone();

        loaded.__account__.battery = battery;

        let balance = loaded.balance;

        loaded.__account__.balance = balance;

        let allocated = loaded.allocated;

        loaded.__account__.allocated = allocated;

        let allocation_limit = loaded.allocation_limit;

        loaded.__account__.allocation_limit = allocation_limit;

        let allocation_expiry = loaded.allocation_expiry;

        loaded.__account__.allocation_expiry = allocation_expiry;
    }
}

#[derive(Debug)]
pub struct LoadedMember<'info, 'entrypoint> {
    pub __account__: &'entrypoint mut Box<Account<'info, Member>>,
    pub __programs__: &'entrypoint ProgramsMap<'info>,
    pub owner: Pubkey,
    pub battery: Pubkey,
    pub balance: u64,
    pub allocated: u64,
    pub allocation_limit: u64,
    pub allocation_expiry: i64,
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

#[derive(Clone, Debug, Default)]
pub struct LoadedMemberLimitSet {
    pub battery: Pubkey,
    pub member: Pubkey,
    pub limit: u64,
    pub available: u64,
    pub allocated: u64,
    pub sequence: u64,
}

impl Mutable<LoadedMemberLimitSet> {
    fn __emit__(&self) {
        let e = self.borrow();

        emit!(MemberLimitSet {
            battery: e.battery.clone(),
            member: e.member.clone(),
            limit: e.limit,
            available: e.available,
            allocated: e.allocated,
            sequence: e.sequence
        })
    }
}

impl LoadedMemberLimitSet {
    pub fn __new__(
        battery: Pubkey,
        member: Pubkey,
        limit: u64,
        available: u64,
        allocated: u64,
        sequence: u64,
    ) -> Mutable<Self> {
        let obj = LoadedMemberLimitSet {
            battery,
            member,
            limit,
            available,
            allocated,
            sequence,
        };

        return Mutable::new(obj);
    }
}

impl Loadable for MemberLimitSet {
    type Loaded = LoadedMemberLimitSet;

    fn load(stored: Self) -> Self::Loaded {
        Self::Loaded {
            battery: stored.battery,
            member: stored.member,
            limit: stored.limit,
            available: stored.available,
            allocated: stored.allocated,
            sequence: stored.sequence,
        }
    }

    fn store(loaded: Self::Loaded) -> Self {
        Self {
            battery: loaded.battery.clone(),
            member: loaded.member.clone(),
            limit: loaded.limit,
            available: loaded.available,
            allocated: loaded.allocated,
            sequence: loaded.sequence,
        }
    }
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

#[derive(Clone, Debug, Default)]
pub struct LoadedMemberOpened {
    pub battery: Pubkey,
    pub member: Pubkey,
    pub owner: Pubkey,
    pub member_count: u64,
    pub available: u64,
    pub allocated: u64,
    pub sequence: u64,
}

impl Mutable<LoadedMemberOpened> {
    fn __emit__(&self) {
        let e = self.borrow();

        emit!(MemberOpened {
            battery: e.battery.clone(),
            member: e.member.clone(),
            owner: e.owner.clone(),
            member_count: e.member_count,
            available: e.available,
            allocated: e.allocated,
            sequence: e.sequence
        })
    }
}

impl LoadedMemberOpened {
    pub fn __new__(
        battery: Pubkey,
        member: Pubkey,
        owner: Pubkey,
        member_count: u64,
        available: u64,
        allocated: u64,
        sequence: u64,
    ) -> Mutable<Self> {
        let obj = LoadedMemberOpened {
            battery,
            member,
            owner,
            member_count,
            available,
            allocated,
            sequence,
        };

        return Mutable::new(obj);
    }
}

impl Loadable for MemberOpened {
    type Loaded = LoadedMemberOpened;

    fn load(stored: Self) -> Self::Loaded {
        Self::Loaded {
            battery: stored.battery,
            member: stored.member,
            owner: stored.owner,
            member_count: stored.member_count,
            available: stored.available,
            allocated: stored.allocated,
            sequence: stored.sequence,
        }
    }

    fn store(loaded: Self::Loaded) -> Self {
        Self {
            battery: loaded.battery.clone(),
            member: loaded.member.clone(),
            owner: loaded.owner.clone(),
            member_count: loaded.member_count,
            available: loaded.available,
            allocated: loaded.allocated,
            sequence: loaded.sequence,
        }
    }
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

#[derive(Clone, Debug, Default)]
pub struct LoadedPolicySet {
    pub battery: Pubkey,
    pub capacity: u64,
    pub allocation_limit: u64,
    pub allocation_lifetime: i64,
    pub efficiency_bps: u16,
    pub available: u64,
    pub allocated: u64,
    pub sequence: u64,
}

impl Mutable<LoadedPolicySet> {
    fn __emit__(&self) {
        let e = self.borrow();

        emit!(PolicySet {
            battery: e.battery.clone(),
            capacity: e.capacity,
            allocation_limit: e.allocation_limit,
            allocation_lifetime: e.allocation_lifetime,
            efficiency_bps: e.efficiency_bps,
            available: e.available,
            allocated: e.allocated,
            sequence: e.sequence
        })
    }
}

impl LoadedPolicySet {
    pub fn __new__(
        battery: Pubkey,
        capacity: u64,
        allocation_limit: u64,
        allocation_lifetime: i64,
        efficiency_bps: u16,
        available: u64,
        allocated: u64,
        sequence: u64,
    ) -> Mutable<Self> {
        let obj = LoadedPolicySet {
            battery,
            capacity,
            allocation_limit,
            allocation_lifetime,
            efficiency_bps,
            available,
            allocated,
            sequence,
        };

        return Mutable::new(obj);
    }
}

impl Loadable for PolicySet {
    type Loaded = LoadedPolicySet;

    fn load(stored: Self) -> Self::Loaded {
        Self::Loaded {
            battery: stored.battery,
            capacity: stored.capacity,
            allocation_limit: stored.allocation_limit,
            allocation_lifetime: stored.allocation_lifetime,
            efficiency_bps: stored.efficiency_bps,
            available: stored.available,
            allocated: stored.allocated,
            sequence: stored.sequence,
        }
    }

    fn store(loaded: Self::Loaded) -> Self {
        Self {
            battery: loaded.battery.clone(),
            capacity: loaded.capacity,
            allocation_limit: loaded.allocation_limit,
            allocation_lifetime: loaded.allocation_lifetime,
            efficiency_bps: loaded.efficiency_bps,
            available: loaded.available,
            allocated: loaded.allocated,
            sequence: loaded.sequence,
        }
    }
}

#[derive(Clone, Debug, PartialEq, AnchorSerialize, AnchorDeserialize, Copy)]
pub enum Resource {
    ENERGY,
    WATER,
    WASTE,
}

impl Default for Resource {
    fn default() -> Self {
        Resource::ENERGY
    }
}

pub fn accept_authority_handler<'info>(
    mut authority: SeahorseSigner<'info, '_>,
    mut battery: Mutable<LoadedBattery<'info, '_>>,
) -> () {
    if !(battery.borrow().pending_authority != battery.borrow().authority) {
        panic!("no new authority is proposed");
    }

    if !(battery.borrow().pending_authority == authority.key()) {
        panic!("signer is not the proposed authority");
    }

    assign!(battery.borrow_mut().authority, authority.key());

    assign!(battery.borrow_mut().sequence, battery.borrow().sequence + 1);

    let mut event = <Loaded!(AuthorityAccepted)>::__new__(
        battery.borrow().__account__.key(),
        authority.key(),
        battery.borrow().available.clone(),
        battery.borrow().allocated.clone(),
        battery.borrow().sequence.clone(),
    );

    event.__emit__();
}

pub fn allocate_handler<'info>(
    mut owner: SeahorseSigner<'info, '_>,
    mut battery: Mutable<LoadedBattery<'info, '_>>,
    mut member: Mutable<LoadedMember<'info, '_>>,
    mut clock: Sysvar<'info, Clock>,
    mut amount: u64,
) -> () {
    assert_not_paused(battery.clone());

    assert_owned_member_of(member.clone(), battery.clone(), owner.clone());

    assert_positive(amount.clone());

    if !(amount <= battery.borrow().available) {
        panic!("amount exceeds what is available");
    }

    if !(amount <= (member.borrow().balance - member.borrow().allocated)) {
        panic!("amount exceeds the unallocated balance");
    }

    let mut limit = member.borrow().allocation_limit;

    if limit == POLICY_LIMIT!() {
        limit = battery.borrow().allocation_limit;
    }

    if !((member.borrow().allocated + amount) <= limit) {
        panic!("amount exceeds the allocation limit");
    }

    assign!(
        battery.borrow_mut().available,
        battery.borrow().available - amount
    );

    assign!(
        battery.borrow_mut().allocated,
        battery.borrow().allocated + amount
    );

    assign!(battery.borrow_mut().sequence, battery.borrow().sequence + 1);

    assign!(
        member.borrow_mut().allocated,
        member.borrow().allocated + amount
    );

    assign!(
        member.borrow_mut().allocation_expiry,
        clock.unix_timestamp + battery.borrow().allocation_lifetime
    );

    let mut event = <Loaded!(EnergyAllocated)>::__new__(
        battery.borrow().__account__.key(),
        member.borrow().__account__.key(),
        amount.clone(),
        member.borrow().allocated.clone(),
        member.borrow().allocation_expiry.clone(),
        battery.borrow().available.clone(),
        battery.borrow().allocated.clone(),
        battery.borrow().sequence.clone(),
    );

    event.__emit__();
}

pub fn assert_authority<'info>(
    mut battery: Mutable<LoadedBattery<'info, '_>>,
    mut authority: SeahorseSigner<'info, '_>,
) -> () {
    if !(battery.borrow().authority == authority.key()) {
        panic!("signer is not the authority");
    }
}

pub fn assert_member_of<'info>(
    mut member: Mutable<LoadedMember<'info, '_>>,
    mut battery: Mutable<LoadedBattery<'info, '_>>,
) -> () {
    if !(member.borrow().battery == battery.borrow().__account__.key()) {
        panic!("member belongs to another battery");
    }
}

pub fn assert_mint_of<'info>(
    mut mint: SeahorseAccount<'info, '_, Mint>,
    mut battery: Mutable<LoadedBattery<'info, '_>>,
) -> () {
    if !(mint.key() == battery.borrow().mint) {
        panic!("mint is not of this battery");
    }
}

pub fn assert_not_paused<'info>(mut battery: Mutable<LoadedBattery<'info, '_>>) -> () {
    if !(!battery.borrow().paused) {
        panic!("battery is paused");
    }
}

pub fn assert_owned_member_of<'info>(
    mut member: Mutable<LoadedMember<'info, '_>>,
    mut battery: Mutable<LoadedBattery<'info, '_>>,
    mut owner: SeahorseSigner<'info, '_>,
) -> () {
    assert_member_of(member.clone(), battery.clone());

    if !(member.borrow().owner == owner.key()) {
        panic!("member belongs to another owner");
    }
}

pub fn assert_policy(
    mut capacity: u64,
    mut allocation_limit: u64,
    mut allocation_lifetime: i64,
    mut efficiency_bps: u16,
) -> () {
    if !(capacity > 0) {
        panic!("capacity must be positive");
    }

    if !(allocation_limit > 0) {
        panic!("allocation limit must be positive");
    }

    if !(allocation_limit <= capacity) {
        panic!("allocation limit exceeds the capacity");
    }

    if !(allocation_lifetime > 0) {
        panic!("allocation lifetime must be positive");
    }

    if !(allocation_lifetime <= MAX_LIFETIME!()) {
        panic!("allocation lifetime exceeds a year");
    }

    if !(efficiency_bps > 0) {
        panic!("efficiency must be positive");
    }

    if !(efficiency_bps <= BPS!()) {
        panic!("efficiency exceeds 10000 basis points");
    }
}

pub fn assert_positive(mut amount: u64) -> () {
    if !(amount > 0) {
        panic!("amount must be positive");
    }
}

pub fn assert_vault_of<'info>(
    mut vault: SeahorseAccount<'info, '_, TokenAccount>,
    mut battery: Mutable<LoadedBattery<'info, '_>>,
) -> () {
    if !(vault.key() == battery.borrow().vault) {
        panic!("vault is not of this battery");
    }
}

pub fn consume_handler<'info>(
    mut owner: SeahorseSigner<'info, '_>,
    mut battery: Mutable<LoadedBattery<'info, '_>>,
    mut member: Mutable<LoadedMember<'info, '_>>,
    mut mint: SeahorseAccount<'info, '_, Mint>,
    mut vault: SeahorseAccount<'info, '_, TokenAccount>,
    mut clock: Sysvar<'info, Clock>,
    mut amount: u64,
) -> () {
    assert_owned_member_of(member.clone(), battery.clone(), owner.clone());

    assert_mint_of(mint.clone(), battery.clone());

    assert_vault_of(vault.clone(), battery.clone());

    assert_positive(amount.clone());

    if !(amount <= member.borrow().balance) {
        panic!("amount exceeds the balance");
    }

    if !(amount <= member.borrow().allocated) {
        panic!("amount exceeds what is allocated");
    }

    if !(clock.unix_timestamp < member.borrow().allocation_expiry) {
        panic!("allocation has expired");
    }

    assign!(
        battery.borrow_mut().allocated,
        battery.borrow().allocated - amount
    );

    assign!(battery.borrow_mut().sequence, battery.borrow().sequence + 1);

    assign!(
        member.borrow_mut().allocated,
        member.borrow().allocated - amount
    );

    assign!(
        member.borrow_mut().balance,
        member.borrow().balance - amount
    );

    let mut creator = battery.borrow().creator;
    let mut battery_mint = battery.borrow().mint;
    let mut bump = battery.borrow().bump;

    token::burn(
        CpiContext::new_with_signer(
            mint.programs.get("token_program"),
            token::Burn {
                mint: mint.to_account_info(),
                authority: battery.borrow().__account__.to_account_info(),
                from: vault.clone().to_account_info(),
            },
            &[Mutable::new(vec![
                "battery".to_string().as_bytes().as_ref(),
                creator.as_ref(),
                battery_mint.as_ref(),
                bump.to_le_bytes().as_ref(),
            ])
            .borrow()
            .as_slice()],
        ),
        amount.clone(),
    )
    .unwrap();

    let mut event = <Loaded!(EnergyConsumed)>::__new__(
        battery.borrow().__account__.key(),
        member.borrow().__account__.key(),
        amount.clone(),
        member.borrow().balance.clone(),
        member.borrow().allocated.clone(),
        battery.borrow().available.clone(),
        battery.borrow().allocated.clone(),
        battery.borrow().sequence.clone(),
    );

    event.__emit__();
}

pub fn credit_for(mut amount: u64, mut efficiency_bps: u16) -> u64 {
    return <u64 as TryFrom<_>>::try_from(
        ((<u128 as TryFrom<_>>::try_from(amount.clone()).unwrap()
            * <u128 as TryFrom<_>>::try_from(efficiency_bps.clone()).unwrap())
            / BPS!()),
    )
    .unwrap();
}

pub fn deallocate_handler<'info>(
    mut owner: SeahorseSigner<'info, '_>,
    mut battery: Mutable<LoadedBattery<'info, '_>>,
    mut member: Mutable<LoadedMember<'info, '_>>,
    mut amount: u64,
) -> () {
    assert_owned_member_of(member.clone(), battery.clone(), owner.clone());

    assert_positive(amount.clone());

    if !(amount <= member.borrow().allocated) {
        panic!("amount exceeds what is allocated");
    }

    assign!(
        battery.borrow_mut().available,
        battery.borrow().available + amount
    );

    assign!(
        battery.borrow_mut().allocated,
        battery.borrow().allocated - amount
    );

    assign!(battery.borrow_mut().sequence, battery.borrow().sequence + 1);

    assign!(
        member.borrow_mut().allocated,
        member.borrow().allocated - amount
    );

    let mut event = <Loaded!(EnergyDeallocated)>::__new__(
        battery.borrow().__account__.key(),
        member.borrow().__account__.key(),
        amount.clone(),
        member.borrow().allocated.clone(),
        battery.borrow().available.clone(),
        battery.borrow().allocated.clone(),
        battery.borrow().sequence.clone(),
    );

    event.__emit__();
}

pub fn deposit_energy_handler<'info>(
    mut owner: SeahorseSigner<'info, '_>,
    mut battery: Mutable<LoadedBattery<'info, '_>>,
    mut member: Mutable<LoadedMember<'info, '_>>,
    mut mint: SeahorseAccount<'info, '_, Mint>,
    mut vault: SeahorseAccount<'info, '_, TokenAccount>,
    mut source: SeahorseAccount<'info, '_, TokenAccount>,
    mut amount: u64,
    mut minimum_credit: u64,
) -> () {
    assert_not_paused(battery.clone());

    assert_owned_member_of(member.clone(), battery.clone(), owner.clone());

    assert_mint_of(mint.clone(), battery.clone());

    assert_vault_of(vault.clone(), battery.clone());

    if !(source.key() != vault.key()) {
        panic!("source is the vault");
    }

    if !(source.mint == battery.borrow().mint) {
        panic!("source holds another mint");
    }

    if !(source.owner == owner.key()) {
        panic!("source belongs to another owner");
    }

    assert_positive(amount.clone());

    let mut credit = credit_for(amount.clone(), battery.borrow().efficiency_bps.clone());

    if !(credit > 0) {
        panic!("credit rounds to zero");
    }

    if !(credit >= minimum_credit) {
        panic!("credit is below the minimum");
    }

    let mut free_capacity =
        (battery.borrow().capacity - battery.borrow().available) - battery.borrow().allocated;

    if !(credit <= free_capacity) {
        panic!("amount exceeds the free capacity");
    }

    assign!(
        battery.borrow_mut().available,
        battery.borrow().available + credit
    );

    assign!(battery.borrow_mut().sequence, battery.borrow().sequence + 1);

    assign!(
        member.borrow_mut().balance,
        member.borrow().balance + credit
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
        credit.clone(),
    )
    .unwrap();

    if amount > credit {
        token::burn(
            CpiContext::new(
                mint.programs.get("token_program"),
                token::Burn {
                    mint: mint.to_account_info(),
                    authority: owner.clone().to_account_info(),
                    from: source.clone().to_account_info(),
                },
            ),
            (amount - credit),
        )
        .unwrap();
    }

    let mut event = <Loaded!(EnergyDeposited)>::__new__(
        battery.borrow().__account__.key(),
        member.borrow().__account__.key(),
        amount.clone(),
        credit.clone(),
        member.borrow().balance.clone(),
        battery.borrow().available.clone(),
        battery.borrow().allocated.clone(),
        battery.borrow().sequence.clone(),
    );

    event.__emit__();
}

pub fn initialize_handler<'info>(
    mut authority: SeahorseSigner<'info, '_>,
    mut mint: SeahorseAccount<'info, '_, Mint>,
    mut battery: Empty<Mutable<LoadedBattery<'info, '_>>>,
    mut vault: Empty<SeahorseAccount<'info, '_, TokenAccount>>,
    mut resource: Resource,
    mut capacity: u64,
    mut allocation_limit: u64,
    mut allocation_lifetime: i64,
    mut efficiency_bps: u16,
) -> () {
    if !(mint.decimals == DECIMALS!()) {
        panic!("mint must have 3 decimals");
    }

    assert_policy(
        capacity.clone(),
        allocation_limit.clone(),
        allocation_lifetime.clone(),
        efficiency_bps.clone(),
    );

    let mut bump = battery.bump.unwrap();
    let mut battery = battery.account.clone();
    let mut vault = vault.account.clone();

    assign!(battery.borrow_mut().creator, authority.key());

    assign!(battery.borrow_mut().authority, authority.key());

    assign!(battery.borrow_mut().pending_authority, authority.key());

    assign!(battery.borrow_mut().mint, mint.key());

    assign!(battery.borrow_mut().vault, vault.key());

    assign!(battery.borrow_mut().capacity, capacity);

    assign!(battery.borrow_mut().allocation_limit, allocation_limit);

    assign!(
        battery.borrow_mut().allocation_lifetime,
        allocation_lifetime
    );

    assign!(battery.borrow_mut().sequence, 1);

    assign!(battery.borrow_mut().efficiency_bps, efficiency_bps);

    assign!(battery.borrow_mut().resource, resource);

    assign!(battery.borrow_mut().bump, bump);

    let mut event = <Loaded!(BatteryInitialized)>::__new__(
        battery.borrow().__account__.key(),
        authority.key(),
        mint.key(),
        capacity.clone(),
        allocation_limit.clone(),
        allocation_lifetime.clone(),
        efficiency_bps.clone(),
        resource_code(resource.clone()),
        battery.borrow().available.clone(),
        battery.borrow().allocated.clone(),
        battery.borrow().sequence.clone(),
    );

    event.__emit__();
}

pub fn open_member_handler<'info>(
    mut payer: SeahorseSigner<'info, '_>,
    mut battery: Mutable<LoadedBattery<'info, '_>>,
    mut member: Empty<Mutable<LoadedMember<'info, '_>>>,
    mut owner: Pubkey,
) -> () {
    let mut member = member.account.clone();

    assign!(member.borrow_mut().owner, owner);

    assign!(
        member.borrow_mut().battery,
        battery.borrow().__account__.key()
    );

    assign!(member.borrow_mut().allocation_limit, POLICY_LIMIT!());

    assign!(
        battery.borrow_mut().member_count,
        battery.borrow().member_count + 1
    );

    assign!(battery.borrow_mut().sequence, battery.borrow().sequence + 1);

    let mut event = <Loaded!(MemberOpened)>::__new__(
        battery.borrow().__account__.key(),
        member.borrow().__account__.key(),
        owner.clone(),
        battery.borrow().member_count.clone(),
        battery.borrow().available.clone(),
        battery.borrow().allocated.clone(),
        battery.borrow().sequence.clone(),
    );

    event.__emit__();
}

pub fn pause_handler<'info>(
    mut authority: SeahorseSigner<'info, '_>,
    mut battery: Mutable<LoadedBattery<'info, '_>>,
) -> () {
    assert_authority(battery.clone(), authority.clone());

    assert_not_paused(battery.clone());

    assign!(battery.borrow_mut().paused, true);

    assign!(battery.borrow_mut().sequence, battery.borrow().sequence + 1);

    let mut event = <Loaded!(BatteryPaused)>::__new__(
        battery.borrow().__account__.key(),
        battery.borrow().available.clone(),
        battery.borrow().allocated.clone(),
        battery.borrow().sequence.clone(),
    );

    event.__emit__();
}

pub fn propose_authority_handler<'info>(
    mut authority: SeahorseSigner<'info, '_>,
    mut battery: Mutable<LoadedBattery<'info, '_>>,
    mut proposed: Pubkey,
) -> () {
    assert_authority(battery.clone(), authority.clone());

    assign!(battery.borrow_mut().pending_authority, proposed);

    assign!(battery.borrow_mut().sequence, battery.borrow().sequence + 1);

    let mut event = <Loaded!(AuthorityProposed)>::__new__(
        battery.borrow().__account__.key(),
        proposed.clone(),
        battery.borrow().available.clone(),
        battery.borrow().allocated.clone(),
        battery.borrow().sequence.clone(),
    );

    event.__emit__();
}

pub fn release_expired_handler<'info>(
    mut battery: Mutable<LoadedBattery<'info, '_>>,
    mut member: Mutable<LoadedMember<'info, '_>>,
    mut clock: Sysvar<'info, Clock>,
) -> () {
    assert_member_of(member.clone(), battery.clone());

    let mut amount = member.borrow().allocated;

    if !(amount > 0) {
        panic!("nothing is allocated");
    }

    if !(clock.unix_timestamp >= member.borrow().allocation_expiry) {
        panic!("allocation has not expired");
    }

    assign!(
        battery.borrow_mut().available,
        battery.borrow().available + amount
    );

    assign!(
        battery.borrow_mut().allocated,
        battery.borrow().allocated - amount
    );

    assign!(battery.borrow_mut().sequence, battery.borrow().sequence + 1);

    assign!(member.borrow_mut().allocated, 0);

    let mut event = <Loaded!(AllocationReleased)>::__new__(
        battery.borrow().__account__.key(),
        member.borrow().__account__.key(),
        amount.clone(),
        battery.borrow().available.clone(),
        battery.borrow().allocated.clone(),
        battery.borrow().sequence.clone(),
    );

    event.__emit__();
}

pub fn resource_code(mut resource: Resource) -> u8 {
    if resource == Resource::WATER {
        return 1;
    }

    if resource == Resource::WASTE {
        return 2;
    }

    return 0;
}

pub fn resume_handler<'info>(
    mut authority: SeahorseSigner<'info, '_>,
    mut battery: Mutable<LoadedBattery<'info, '_>>,
) -> () {
    assert_authority(battery.clone(), authority.clone());

    if !battery.borrow().paused {
        panic!("battery is not paused");
    }

    assign!(battery.borrow_mut().paused, false);

    assign!(battery.borrow_mut().sequence, battery.borrow().sequence + 1);

    let mut event = <Loaded!(BatteryResumed)>::__new__(
        battery.borrow().__account__.key(),
        battery.borrow().available.clone(),
        battery.borrow().allocated.clone(),
        battery.borrow().sequence.clone(),
    );

    event.__emit__();
}

pub fn return_rent_handler<'info>(
    mut owner: SeahorseSigner<'info, '_>,
    mut member: Mutable<LoadedMember<'info, '_>>,
    mut amount: u64,
) -> () {
    if !(member.borrow().owner == owner.key()) {
        panic!("member belongs to another owner");
    }

    {
        use anchor_lang::Lamports as _;

        let amount = amount.clone();

        member.borrow().__account__.sub_lamports(amount).unwrap();

        owner.clone().add_lamports(amount).unwrap();
    };

    {
        use anchor_lang::Lamports as _;

        let amount = 1;

        member.borrow().__account__.sub_lamports(amount).unwrap();

        member.borrow().__account__.add_lamports(amount).unwrap();
    };
}

pub fn set_member_limit_handler<'info>(
    mut authority: SeahorseSigner<'info, '_>,
    mut battery: Mutable<LoadedBattery<'info, '_>>,
    mut member: Mutable<LoadedMember<'info, '_>>,
    mut limit: u64,
) -> () {
    assert_authority(battery.clone(), authority.clone());

    assert_member_of(member.clone(), battery.clone());

    assign!(battery.borrow_mut().sequence, battery.borrow().sequence + 1);

    assign!(member.borrow_mut().allocation_limit, limit);

    let mut event = <Loaded!(MemberLimitSet)>::__new__(
        battery.borrow().__account__.key(),
        member.borrow().__account__.key(),
        limit.clone(),
        battery.borrow().available.clone(),
        battery.borrow().allocated.clone(),
        battery.borrow().sequence.clone(),
    );

    event.__emit__();
}

pub fn set_policy_handler<'info>(
    mut authority: SeahorseSigner<'info, '_>,
    mut battery: Mutable<LoadedBattery<'info, '_>>,
    mut capacity: u64,
    mut allocation_limit: u64,
    mut allocation_lifetime: i64,
    mut efficiency_bps: u16,
) -> () {
    assert_authority(battery.clone(), authority.clone());

    assert_policy(
        capacity.clone(),
        allocation_limit.clone(),
        allocation_lifetime.clone(),
        efficiency_bps.clone(),
    );

    if !(capacity >= (battery.borrow().available + battery.borrow().allocated)) {
        panic!("capacity is below what is stored");
    }

    assign!(battery.borrow_mut().capacity, capacity);

    assign!(battery.borrow_mut().allocation_limit, allocation_limit);

    assign!(
        battery.borrow_mut().allocation_lifetime,
        allocation_lifetime
    );

    assign!(battery.borrow_mut().efficiency_bps, efficiency_bps);

    assign!(battery.borrow_mut().sequence, battery.borrow().sequence + 1);

    let mut event = <Loaded!(PolicySet)>::__new__(
        battery.borrow().__account__.key(),
        capacity.clone(),
        allocation_limit.clone(),
        allocation_lifetime.clone(),
        efficiency_bps.clone(),
        battery.borrow().available.clone(),
        battery.borrow().allocated.clone(),
        battery.borrow().sequence.clone(),
    );

    event.__emit__();
}

pub fn withdraw_energy_handler<'info>(
    mut owner: SeahorseSigner<'info, '_>,
    mut battery: Mutable<LoadedBattery<'info, '_>>,
    mut member: Mutable<LoadedMember<'info, '_>>,
    mut vault: SeahorseAccount<'info, '_, TokenAccount>,
    mut destination: SeahorseAccount<'info, '_, TokenAccount>,
    mut amount: u64,
) -> () {
    assert_owned_member_of(member.clone(), battery.clone(), owner.clone());

    assert_vault_of(vault.clone(), battery.clone());

    if !(destination.key() != vault.key()) {
        panic!("destination is the vault");
    }

    if !(destination.mint == battery.borrow().mint) {
        panic!("destination holds another mint");
    }

    assert_positive(amount.clone());

    if !(amount <= member.borrow().balance) {
        panic!("amount exceeds the balance");
    }

    if !(amount <= battery.borrow().available) {
        panic!("amount exceeds what is available");
    }

    if !(amount <= (member.borrow().balance - member.borrow().allocated)) {
        panic!("amount exceeds the unallocated balance");
    }

    assign!(
        battery.borrow_mut().available,
        battery.borrow().available - amount
    );

    assign!(battery.borrow_mut().sequence, battery.borrow().sequence + 1);

    assign!(
        member.borrow_mut().balance,
        member.borrow().balance - amount
    );

    let mut creator = battery.borrow().creator;
    let mut mint = battery.borrow().mint;
    let mut bump = battery.borrow().bump;

    token::transfer(
        CpiContext::new_with_signer(
            vault.programs.get("token_program"),
            token::Transfer {
                from: vault.to_account_info(),
                authority: battery.borrow().__account__.to_account_info(),
                to: destination.clone().to_account_info(),
            },
            &[Mutable::new(vec![
                "battery".to_string().as_bytes().as_ref(),
                creator.as_ref(),
                mint.as_ref(),
                bump.to_le_bytes().as_ref(),
            ])
            .borrow()
            .as_slice()],
        ),
        amount.clone(),
    )
    .unwrap();

    let mut event = <Loaded!(EnergyWithdrawn)>::__new__(
        battery.borrow().__account__.key(),
        member.borrow().__account__.key(),
        amount.clone(),
        member.borrow().balance.clone(),
        battery.borrow().available.clone(),
        battery.borrow().allocated.clone(),
        battery.borrow().sequence.clone(),
    );

    event.__emit__();
}
