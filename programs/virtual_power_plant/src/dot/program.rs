#![allow(unused_imports)]
#![allow(unused_variables)]
#![allow(unused_mut)]
use crate::{id, seahorse_util::*};
use anchor_lang::{prelude::*, solana_program};
use anchor_spl::token::{self, Mint, Token, TokenAccount};
use std::{cell::RefCell, rc::Rc};

seahorse_const! { BPS , 10000 }

seahorse_const! { DECIMALS , 3 }

seahorse_const! { MAX_AHEAD , 31536000 }

seahorse_const! { MAX_TARGET , 1000000000000 }

seahorse_const! { UNITS_PER_PRICE , 1000 }

#[event]
pub struct AuthorityAccepted {
    pub plant: Pubkey,
    pub authority: Pubkey,
    pub energy_held: u64,
    pub payment_held: u64,
    pub sequence: u64,
}

#[derive(Clone, Debug, Default)]
pub struct LoadedAuthorityAccepted {
    pub plant: Pubkey,
    pub authority: Pubkey,
    pub energy_held: u64,
    pub payment_held: u64,
    pub sequence: u64,
}

impl Mutable<LoadedAuthorityAccepted> {
    fn __emit__(&self) {
        let e = self.borrow();

        emit!(AuthorityAccepted {
            plant: e.plant.clone(),
            authority: e.authority.clone(),
            energy_held: e.energy_held,
            payment_held: e.payment_held,
            sequence: e.sequence
        })
    }
}

impl LoadedAuthorityAccepted {
    pub fn __new__(
        plant: Pubkey,
        authority: Pubkey,
        energy_held: u64,
        payment_held: u64,
        sequence: u64,
    ) -> Mutable<Self> {
        let obj = LoadedAuthorityAccepted {
            plant,
            authority,
            energy_held,
            payment_held,
            sequence,
        };

        return Mutable::new(obj);
    }
}

impl Loadable for AuthorityAccepted {
    type Loaded = LoadedAuthorityAccepted;

    fn load(stored: Self) -> Self::Loaded {
        Self::Loaded {
            plant: stored.plant,
            authority: stored.authority,
            energy_held: stored.energy_held,
            payment_held: stored.payment_held,
            sequence: stored.sequence,
        }
    }

    fn store(loaded: Self::Loaded) -> Self {
        Self {
            plant: loaded.plant.clone(),
            authority: loaded.authority.clone(),
            energy_held: loaded.energy_held,
            payment_held: loaded.payment_held,
            sequence: loaded.sequence,
        }
    }
}

#[event]
pub struct AuthorityProposed {
    pub plant: Pubkey,
    pub proposed: Pubkey,
    pub energy_held: u64,
    pub payment_held: u64,
    pub sequence: u64,
}

#[derive(Clone, Debug, Default)]
pub struct LoadedAuthorityProposed {
    pub plant: Pubkey,
    pub proposed: Pubkey,
    pub energy_held: u64,
    pub payment_held: u64,
    pub sequence: u64,
}

impl Mutable<LoadedAuthorityProposed> {
    fn __emit__(&self) {
        let e = self.borrow();

        emit!(AuthorityProposed {
            plant: e.plant.clone(),
            proposed: e.proposed.clone(),
            energy_held: e.energy_held,
            payment_held: e.payment_held,
            sequence: e.sequence
        })
    }
}

impl LoadedAuthorityProposed {
    pub fn __new__(
        plant: Pubkey,
        proposed: Pubkey,
        energy_held: u64,
        payment_held: u64,
        sequence: u64,
    ) -> Mutable<Self> {
        let obj = LoadedAuthorityProposed {
            plant,
            proposed,
            energy_held,
            payment_held,
            sequence,
        };

        return Mutable::new(obj);
    }
}

impl Loadable for AuthorityProposed {
    type Loaded = LoadedAuthorityProposed;

    fn load(stored: Self) -> Self::Loaded {
        Self::Loaded {
            plant: stored.plant,
            proposed: stored.proposed,
            energy_held: stored.energy_held,
            payment_held: stored.payment_held,
            sequence: stored.sequence,
        }
    }

    fn store(loaded: Self::Loaded) -> Self {
        Self {
            plant: loaded.plant.clone(),
            proposed: loaded.proposed.clone(),
            energy_held: loaded.energy_held,
            payment_held: loaded.payment_held,
            sequence: loaded.sequence,
        }
    }
}

#[account]
#[derive(Debug)]
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

impl<'info, 'entrypoint> Commitment {
    pub fn load(
        account: &'entrypoint mut Box<Account<'info, Self>>,
        programs_map: &'entrypoint ProgramsMap<'info>,
    ) -> Mutable<LoadedCommitment<'info, 'entrypoint>> {
        let plant = account.plant.clone();
        let owner = account.owner.clone();
        let dispatch = account.dispatch.clone();
        let amount = account.amount;
        let delivered = account.delivered;
        let bond = account.bond;
        let number = account.number;
        let active = account.active.clone();

        Mutable::new(LoadedCommitment {
            __account__: account,
            __programs__: programs_map,
            plant,
            owner,
            dispatch,
            amount,
            delivered,
            bond,
            number,
            active,
        })
    }

    pub fn store(loaded: Mutable<LoadedCommitment>) {
        let mut loaded = loaded.borrow_mut();
        let plant = loaded.plant.clone();

        loaded.__account__.plant = plant;

        let owner = loaded.owner.clone();

        loaded.__account__.owner = owner;

        let dispatch = loaded.dispatch.clone();

        loaded.__account__.dispatch = dispatch;

        let amount = loaded.amount;

        loaded.__account__.amount = amount;

        let delivered = loaded.delivered;

        loaded.__account__.delivered = delivered;

        let bond = loaded.bond;

        loaded.__account__.bond = bond;

        let number = loaded.number;

        loaded.__account__.number = number;

        let active = loaded.active.clone();

        loaded.__account__.active = active;
    }
}

#[derive(Debug)]
pub struct LoadedCommitment<'info, 'entrypoint> {
    pub __account__: &'entrypoint mut Box<Account<'info, Commitment>>,
    pub __programs__: &'entrypoint ProgramsMap<'info>,
    pub plant: Pubkey,
    pub owner: Pubkey,
    pub dispatch: Pubkey,
    pub amount: u64,
    pub delivered: u64,
    pub bond: u64,
    pub number: u8,
    pub active: bool,
}

#[event]
pub struct CommitmentOpened {
    pub plant: Pubkey,
    pub commitment: Pubkey,
    pub owner: Pubkey,
    pub number: u8,
    pub energy_held: u64,
    pub payment_held: u64,
    pub sequence: u64,
}

#[derive(Clone, Debug, Default)]
pub struct LoadedCommitmentOpened {
    pub plant: Pubkey,
    pub commitment: Pubkey,
    pub owner: Pubkey,
    pub number: u8,
    pub energy_held: u64,
    pub payment_held: u64,
    pub sequence: u64,
}

impl Mutable<LoadedCommitmentOpened> {
    fn __emit__(&self) {
        let e = self.borrow();

        emit!(CommitmentOpened {
            plant: e.plant.clone(),
            commitment: e.commitment.clone(),
            owner: e.owner.clone(),
            number: e.number,
            energy_held: e.energy_held,
            payment_held: e.payment_held,
            sequence: e.sequence
        })
    }
}

impl LoadedCommitmentOpened {
    pub fn __new__(
        plant: Pubkey,
        commitment: Pubkey,
        owner: Pubkey,
        number: u8,
        energy_held: u64,
        payment_held: u64,
        sequence: u64,
    ) -> Mutable<Self> {
        let obj = LoadedCommitmentOpened {
            plant,
            commitment,
            owner,
            number,
            energy_held,
            payment_held,
            sequence,
        };

        return Mutable::new(obj);
    }
}

impl Loadable for CommitmentOpened {
    type Loaded = LoadedCommitmentOpened;

    fn load(stored: Self) -> Self::Loaded {
        Self::Loaded {
            plant: stored.plant,
            commitment: stored.commitment,
            owner: stored.owner,
            number: stored.number,
            energy_held: stored.energy_held,
            payment_held: stored.payment_held,
            sequence: stored.sequence,
        }
    }

    fn store(loaded: Self::Loaded) -> Self {
        Self {
            plant: loaded.plant.clone(),
            commitment: loaded.commitment.clone(),
            owner: loaded.owner.clone(),
            number: loaded.number,
            energy_held: loaded.energy_held,
            payment_held: loaded.payment_held,
            sequence: loaded.sequence,
        }
    }
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

#[derive(Clone, Debug, Default)]
pub struct LoadedCommitmentSettled {
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

impl Mutable<LoadedCommitmentSettled> {
    fn __emit__(&self) {
        let e = self.borrow();

        emit!(CommitmentSettled {
            plant: e.plant.clone(),
            dispatch: e.dispatch.clone(),
            commitment: e.commitment.clone(),
            reward: e.reward,
            bond: e.bond,
            share: e.share,
            energy_held: e.energy_held,
            payment_held: e.payment_held,
            sequence: e.sequence
        })
    }
}

impl LoadedCommitmentSettled {
    pub fn __new__(
        plant: Pubkey,
        dispatch: Pubkey,
        commitment: Pubkey,
        reward: u64,
        bond: u64,
        share: u64,
        energy_held: u64,
        payment_held: u64,
        sequence: u64,
    ) -> Mutable<Self> {
        let obj = LoadedCommitmentSettled {
            plant,
            dispatch,
            commitment,
            reward,
            bond,
            share,
            energy_held,
            payment_held,
            sequence,
        };

        return Mutable::new(obj);
    }
}

impl Loadable for CommitmentSettled {
    type Loaded = LoadedCommitmentSettled;

    fn load(stored: Self) -> Self::Loaded {
        Self::Loaded {
            plant: stored.plant,
            dispatch: stored.dispatch,
            commitment: stored.commitment,
            reward: stored.reward,
            bond: stored.bond,
            share: stored.share,
            energy_held: stored.energy_held,
            payment_held: stored.payment_held,
            sequence: stored.sequence,
        }
    }

    fn store(loaded: Self::Loaded) -> Self {
        Self {
            plant: loaded.plant.clone(),
            dispatch: loaded.dispatch.clone(),
            commitment: loaded.commitment.clone(),
            reward: loaded.reward,
            bond: loaded.bond,
            share: loaded.share,
            energy_held: loaded.energy_held,
            payment_held: loaded.payment_held,
            sequence: loaded.sequence,
        }
    }
}

#[account]
#[derive(Debug)]
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

impl<'info, 'entrypoint> Dispatch {
    pub fn load(
        account: &'entrypoint mut Box<Account<'info, Self>>,
        programs_map: &'entrypoint ProgramsMap<'info>,
    ) -> Mutable<LoadedDispatch<'info, 'entrypoint>> {
        let plant = account.plant.clone();
        let announcement = account.announcement;
        let starts_at = account.starts_at;
        let ends_at = account.ends_at;
        let target = account.target;
        let price = account.price;
        let bond_price = account.bond_price;
        let reward = account.reward;
        let committed = account.committed;
        let commitment_count = account.commitment_count;
        let settled_count = account.settled_count;
        let credited = account.credited;
        let surplus = account.surplus;
        let surplus_settled = account.surplus_settled;
        let bonds = account.bonds;
        let rewards_due = account.rewards_due;
        let bonds_due = account.bonds_due;
        let tolerance_bps = account.tolerance_bps;
        let number = account.number;
        let active = account.active.clone();
        let cancelled = account.cancelled.clone();

        Mutable::new(LoadedDispatch {
            __account__: account,
            __programs__: programs_map,
            plant,
            announcement,
            starts_at,
            ends_at,
            target,
            price,
            bond_price,
            reward,
            committed,
            commitment_count,
            settled_count,
            credited,
            surplus,
            surplus_settled,
            bonds,
            rewards_due,
            bonds_due,
            tolerance_bps,
            number,
            active,
            cancelled,
        })
    }

    pub fn store(loaded: Mutable<LoadedDispatch>) {
        let mut loaded = loaded.borrow_mut();
        let plant = loaded.plant.clone();

        loaded.__account__.plant = plant;

        let announcement = loaded.announcement;

        loaded.__account__.announcement = announcement;

        let starts_at = loaded.starts_at;

        loaded.__account__.starts_at = starts_at;

        let ends_at = loaded.ends_at;

        loaded.__account__.ends_at = ends_at;

        let target = loaded.target;

        loaded.__account__.target = target;

        let price = loaded.price;

        loaded.__account__.price = price;

        let bond_price = loaded.bond_price;

        loaded.__account__.bond_price = bond_price;

        let reward = loaded.reward;

        loaded.__account__.reward = reward;

        let committed = loaded.committed;

        loaded.__account__.committed = committed;

        let commitment_count = loaded.commitment_count;

        loaded.__account__.commitment_count = commitment_count;

        let settled_count = loaded.settled_count;

        loaded.__account__.settled_count = settled_count;

        let credited = loaded.credited;

        loaded.__account__.credited = credited;

        let surplus = loaded.surplus;

        loaded.__account__.surplus = surplus;

        let surplus_settled = loaded.surplus_settled;

        loaded.__account__.surplus_settled = surplus_settled;

        let bonds = loaded.bonds;

        loaded.__account__.bonds = bonds;

        let rewards_due = loaded.rewards_due;

        loaded.__account__.rewards_due = rewards_due;

        let bonds_due = loaded.bonds_due;

        loaded.__account__.bonds_due = bonds_due;

        let tolerance_bps = loaded.tolerance_bps;

        loaded.__account__.tolerance_bps = tolerance_bps;

        let number = loaded.number;

        loaded.__account__.number = number;

        let active = loaded.active.clone();

        loaded.__account__.active = active;

        let cancelled = loaded.cancelled.clone();

        loaded.__account__.cancelled = cancelled;
    }
}

#[derive(Debug)]
pub struct LoadedDispatch<'info, 'entrypoint> {
    pub __account__: &'entrypoint mut Box<Account<'info, Dispatch>>,
    pub __programs__: &'entrypoint ProgramsMap<'info>,
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

#[event]
pub struct DispatchAnnounced {
    pub plant: Pubkey,
    pub dispatch: Pubkey,
    pub starts_at: i64,
    pub ends_at: i64,
    pub target: u64,
    pub price: u64,
    pub bond_price: u64,
    pub tolerance_bps: u16,
    pub reward: u64,
    pub energy_held: u64,
    pub payment_held: u64,
    pub sequence: u64,
}

#[derive(Clone, Debug, Default)]
pub struct LoadedDispatchAnnounced {
    pub plant: Pubkey,
    pub dispatch: Pubkey,
    pub starts_at: i64,
    pub ends_at: i64,
    pub target: u64,
    pub price: u64,
    pub bond_price: u64,
    pub tolerance_bps: u16,
    pub reward: u64,
    pub energy_held: u64,
    pub payment_held: u64,
    pub sequence: u64,
}

impl Mutable<LoadedDispatchAnnounced> {
    fn __emit__(&self) {
        let e = self.borrow();

        emit!(DispatchAnnounced {
            plant: e.plant.clone(),
            dispatch: e.dispatch.clone(),
            starts_at: e.starts_at,
            ends_at: e.ends_at,
            target: e.target,
            price: e.price,
            bond_price: e.bond_price,
            tolerance_bps: e.tolerance_bps,
            reward: e.reward,
            energy_held: e.energy_held,
            payment_held: e.payment_held,
            sequence: e.sequence
        })
    }
}

impl LoadedDispatchAnnounced {
    pub fn __new__(
        plant: Pubkey,
        dispatch: Pubkey,
        starts_at: i64,
        ends_at: i64,
        target: u64,
        price: u64,
        bond_price: u64,
        tolerance_bps: u16,
        reward: u64,
        energy_held: u64,
        payment_held: u64,
        sequence: u64,
    ) -> Mutable<Self> {
        let obj = LoadedDispatchAnnounced {
            plant,
            dispatch,
            starts_at,
            ends_at,
            target,
            price,
            bond_price,
            tolerance_bps,
            reward,
            energy_held,
            payment_held,
            sequence,
        };

        return Mutable::new(obj);
    }
}

impl Loadable for DispatchAnnounced {
    type Loaded = LoadedDispatchAnnounced;

    fn load(stored: Self) -> Self::Loaded {
        Self::Loaded {
            plant: stored.plant,
            dispatch: stored.dispatch,
            starts_at: stored.starts_at,
            ends_at: stored.ends_at,
            target: stored.target,
            price: stored.price,
            bond_price: stored.bond_price,
            tolerance_bps: stored.tolerance_bps,
            reward: stored.reward,
            energy_held: stored.energy_held,
            payment_held: stored.payment_held,
            sequence: stored.sequence,
        }
    }

    fn store(loaded: Self::Loaded) -> Self {
        Self {
            plant: loaded.plant.clone(),
            dispatch: loaded.dispatch.clone(),
            starts_at: loaded.starts_at,
            ends_at: loaded.ends_at,
            target: loaded.target,
            price: loaded.price,
            bond_price: loaded.bond_price,
            tolerance_bps: loaded.tolerance_bps,
            reward: loaded.reward,
            energy_held: loaded.energy_held,
            payment_held: loaded.payment_held,
            sequence: loaded.sequence,
        }
    }
}

#[event]
pub struct DispatchCancelled {
    pub plant: Pubkey,
    pub dispatch: Pubkey,
    pub reward: u64,
    pub energy_held: u64,
    pub payment_held: u64,
    pub sequence: u64,
}

#[derive(Clone, Debug, Default)]
pub struct LoadedDispatchCancelled {
    pub plant: Pubkey,
    pub dispatch: Pubkey,
    pub reward: u64,
    pub energy_held: u64,
    pub payment_held: u64,
    pub sequence: u64,
}

impl Mutable<LoadedDispatchCancelled> {
    fn __emit__(&self) {
        let e = self.borrow();

        emit!(DispatchCancelled {
            plant: e.plant.clone(),
            dispatch: e.dispatch.clone(),
            reward: e.reward,
            energy_held: e.energy_held,
            payment_held: e.payment_held,
            sequence: e.sequence
        })
    }
}

impl LoadedDispatchCancelled {
    pub fn __new__(
        plant: Pubkey,
        dispatch: Pubkey,
        reward: u64,
        energy_held: u64,
        payment_held: u64,
        sequence: u64,
    ) -> Mutable<Self> {
        let obj = LoadedDispatchCancelled {
            plant,
            dispatch,
            reward,
            energy_held,
            payment_held,
            sequence,
        };

        return Mutable::new(obj);
    }
}

impl Loadable for DispatchCancelled {
    type Loaded = LoadedDispatchCancelled;

    fn load(stored: Self) -> Self::Loaded {
        Self::Loaded {
            plant: stored.plant,
            dispatch: stored.dispatch,
            reward: stored.reward,
            energy_held: stored.energy_held,
            payment_held: stored.payment_held,
            sequence: stored.sequence,
        }
    }

    fn store(loaded: Self::Loaded) -> Self {
        Self {
            plant: loaded.plant.clone(),
            dispatch: loaded.dispatch.clone(),
            reward: loaded.reward,
            energy_held: loaded.energy_held,
            payment_held: loaded.payment_held,
            sequence: loaded.sequence,
        }
    }
}

#[event]
pub struct DispatchOpened {
    pub plant: Pubkey,
    pub dispatch: Pubkey,
    pub number: u8,
    pub energy_held: u64,
    pub payment_held: u64,
    pub sequence: u64,
}

#[derive(Clone, Debug, Default)]
pub struct LoadedDispatchOpened {
    pub plant: Pubkey,
    pub dispatch: Pubkey,
    pub number: u8,
    pub energy_held: u64,
    pub payment_held: u64,
    pub sequence: u64,
}

impl Mutable<LoadedDispatchOpened> {
    fn __emit__(&self) {
        let e = self.borrow();

        emit!(DispatchOpened {
            plant: e.plant.clone(),
            dispatch: e.dispatch.clone(),
            number: e.number,
            energy_held: e.energy_held,
            payment_held: e.payment_held,
            sequence: e.sequence
        })
    }
}

impl LoadedDispatchOpened {
    pub fn __new__(
        plant: Pubkey,
        dispatch: Pubkey,
        number: u8,
        energy_held: u64,
        payment_held: u64,
        sequence: u64,
    ) -> Mutable<Self> {
        let obj = LoadedDispatchOpened {
            plant,
            dispatch,
            number,
            energy_held,
            payment_held,
            sequence,
        };

        return Mutable::new(obj);
    }
}

impl Loadable for DispatchOpened {
    type Loaded = LoadedDispatchOpened;

    fn load(stored: Self) -> Self::Loaded {
        Self::Loaded {
            plant: stored.plant,
            dispatch: stored.dispatch,
            number: stored.number,
            energy_held: stored.energy_held,
            payment_held: stored.payment_held,
            sequence: stored.sequence,
        }
    }

    fn store(loaded: Self::Loaded) -> Self {
        Self {
            plant: loaded.plant.clone(),
            dispatch: loaded.dispatch.clone(),
            number: loaded.number,
            energy_held: loaded.energy_held,
            payment_held: loaded.payment_held,
            sequence: loaded.sequence,
        }
    }
}

#[event]
pub struct DispatchSettled {
    pub plant: Pubkey,
    pub dispatch: Pubkey,
    pub energy: u64,
    pub payment: u64,
    pub pool: u64,
    pub energy_held: u64,
    pub payment_held: u64,
    pub sequence: u64,
}

#[derive(Clone, Debug, Default)]
pub struct LoadedDispatchSettled {
    pub plant: Pubkey,
    pub dispatch: Pubkey,
    pub energy: u64,
    pub payment: u64,
    pub pool: u64,
    pub energy_held: u64,
    pub payment_held: u64,
    pub sequence: u64,
}

impl Mutable<LoadedDispatchSettled> {
    fn __emit__(&self) {
        let e = self.borrow();

        emit!(DispatchSettled {
            plant: e.plant.clone(),
            dispatch: e.dispatch.clone(),
            energy: e.energy,
            payment: e.payment,
            pool: e.pool,
            energy_held: e.energy_held,
            payment_held: e.payment_held,
            sequence: e.sequence
        })
    }
}

impl LoadedDispatchSettled {
    pub fn __new__(
        plant: Pubkey,
        dispatch: Pubkey,
        energy: u64,
        payment: u64,
        pool: u64,
        energy_held: u64,
        payment_held: u64,
        sequence: u64,
    ) -> Mutable<Self> {
        let obj = LoadedDispatchSettled {
            plant,
            dispatch,
            energy,
            payment,
            pool,
            energy_held,
            payment_held,
            sequence,
        };

        return Mutable::new(obj);
    }
}

impl Loadable for DispatchSettled {
    type Loaded = LoadedDispatchSettled;

    fn load(stored: Self) -> Self::Loaded {
        Self::Loaded {
            plant: stored.plant,
            dispatch: stored.dispatch,
            energy: stored.energy,
            payment: stored.payment,
            pool: stored.pool,
            energy_held: stored.energy_held,
            payment_held: stored.payment_held,
            sequence: stored.sequence,
        }
    }

    fn store(loaded: Self::Loaded) -> Self {
        Self {
            plant: loaded.plant.clone(),
            dispatch: loaded.dispatch.clone(),
            energy: loaded.energy,
            payment: loaded.payment,
            pool: loaded.pool,
            energy_held: loaded.energy_held,
            payment_held: loaded.payment_held,
            sequence: loaded.sequence,
        }
    }
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

#[derive(Clone, Debug, Default)]
pub struct LoadedEnergyCommitted {
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

impl Mutable<LoadedEnergyCommitted> {
    fn __emit__(&self) {
        let e = self.borrow();

        emit!(EnergyCommitted {
            plant: e.plant.clone(),
            dispatch: e.dispatch.clone(),
            commitment: e.commitment.clone(),
            amount: e.amount,
            bond: e.bond,
            committed: e.committed,
            energy_held: e.energy_held,
            payment_held: e.payment_held,
            sequence: e.sequence
        })
    }
}

impl LoadedEnergyCommitted {
    pub fn __new__(
        plant: Pubkey,
        dispatch: Pubkey,
        commitment: Pubkey,
        amount: u64,
        bond: u64,
        committed: u64,
        energy_held: u64,
        payment_held: u64,
        sequence: u64,
    ) -> Mutable<Self> {
        let obj = LoadedEnergyCommitted {
            plant,
            dispatch,
            commitment,
            amount,
            bond,
            committed,
            energy_held,
            payment_held,
            sequence,
        };

        return Mutable::new(obj);
    }
}

impl Loadable for EnergyCommitted {
    type Loaded = LoadedEnergyCommitted;

    fn load(stored: Self) -> Self::Loaded {
        Self::Loaded {
            plant: stored.plant,
            dispatch: stored.dispatch,
            commitment: stored.commitment,
            amount: stored.amount,
            bond: stored.bond,
            committed: stored.committed,
            energy_held: stored.energy_held,
            payment_held: stored.payment_held,
            sequence: stored.sequence,
        }
    }

    fn store(loaded: Self::Loaded) -> Self {
        Self {
            plant: loaded.plant.clone(),
            dispatch: loaded.dispatch.clone(),
            commitment: loaded.commitment.clone(),
            amount: loaded.amount,
            bond: loaded.bond,
            committed: loaded.committed,
            energy_held: loaded.energy_held,
            payment_held: loaded.payment_held,
            sequence: loaded.sequence,
        }
    }
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

#[derive(Clone, Debug, Default)]
pub struct LoadedEnergyDelivered {
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

impl Mutable<LoadedEnergyDelivered> {
    fn __emit__(&self) {
        let e = self.borrow();

        emit!(EnergyDelivered {
            plant: e.plant.clone(),
            dispatch: e.dispatch.clone(),
            commitment: e.commitment.clone(),
            amount: e.amount,
            delivered: e.delivered,
            credited: e.credited,
            surplus: e.surplus,
            energy_held: e.energy_held,
            payment_held: e.payment_held,
            sequence: e.sequence
        })
    }
}

impl LoadedEnergyDelivered {
    pub fn __new__(
        plant: Pubkey,
        dispatch: Pubkey,
        commitment: Pubkey,
        amount: u64,
        delivered: u64,
        credited: u64,
        surplus: u64,
        energy_held: u64,
        payment_held: u64,
        sequence: u64,
    ) -> Mutable<Self> {
        let obj = LoadedEnergyDelivered {
            plant,
            dispatch,
            commitment,
            amount,
            delivered,
            credited,
            surplus,
            energy_held,
            payment_held,
            sequence,
        };

        return Mutable::new(obj);
    }
}

impl Loadable for EnergyDelivered {
    type Loaded = LoadedEnergyDelivered;

    fn load(stored: Self) -> Self::Loaded {
        Self::Loaded {
            plant: stored.plant,
            dispatch: stored.dispatch,
            commitment: stored.commitment,
            amount: stored.amount,
            delivered: stored.delivered,
            credited: stored.credited,
            surplus: stored.surplus,
            energy_held: stored.energy_held,
            payment_held: stored.payment_held,
            sequence: stored.sequence,
        }
    }

    fn store(loaded: Self::Loaded) -> Self {
        Self {
            plant: loaded.plant.clone(),
            dispatch: loaded.dispatch.clone(),
            commitment: loaded.commitment.clone(),
            amount: loaded.amount,
            delivered: loaded.delivered,
            credited: loaded.credited,
            surplus: loaded.surplus,
            energy_held: loaded.energy_held,
            payment_held: loaded.payment_held,
            sequence: loaded.sequence,
        }
    }
}

#[event]
pub struct PaymentVaultOpened {
    pub plant: Pubkey,
    pub payment_vault: Pubkey,
    pub energy_held: u64,
    pub payment_held: u64,
    pub sequence: u64,
}

#[derive(Clone, Debug, Default)]
pub struct LoadedPaymentVaultOpened {
    pub plant: Pubkey,
    pub payment_vault: Pubkey,
    pub energy_held: u64,
    pub payment_held: u64,
    pub sequence: u64,
}

impl Mutable<LoadedPaymentVaultOpened> {
    fn __emit__(&self) {
        let e = self.borrow();

        emit!(PaymentVaultOpened {
            plant: e.plant.clone(),
            payment_vault: e.payment_vault.clone(),
            energy_held: e.energy_held,
            payment_held: e.payment_held,
            sequence: e.sequence
        })
    }
}

impl LoadedPaymentVaultOpened {
    pub fn __new__(
        plant: Pubkey,
        payment_vault: Pubkey,
        energy_held: u64,
        payment_held: u64,
        sequence: u64,
    ) -> Mutable<Self> {
        let obj = LoadedPaymentVaultOpened {
            plant,
            payment_vault,
            energy_held,
            payment_held,
            sequence,
        };

        return Mutable::new(obj);
    }
}

impl Loadable for PaymentVaultOpened {
    type Loaded = LoadedPaymentVaultOpened;

    fn load(stored: Self) -> Self::Loaded {
        Self::Loaded {
            plant: stored.plant,
            payment_vault: stored.payment_vault,
            energy_held: stored.energy_held,
            payment_held: stored.payment_held,
            sequence: stored.sequence,
        }
    }

    fn store(loaded: Self::Loaded) -> Self {
        Self {
            plant: loaded.plant.clone(),
            payment_vault: loaded.payment_vault.clone(),
            energy_held: loaded.energy_held,
            payment_held: loaded.payment_held,
            sequence: loaded.sequence,
        }
    }
}

#[account]
#[derive(Debug)]
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

impl<'info, 'entrypoint> Plant {
    pub fn load(
        account: &'entrypoint mut Box<Account<'info, Self>>,
        programs_map: &'entrypoint ProgramsMap<'info>,
    ) -> Mutable<LoadedPlant<'info, 'entrypoint>> {
        let creator = account.creator.clone();
        let authority = account.authority.clone();
        let pending_authority = account.pending_authority.clone();
        let energy_mint = account.energy_mint.clone();
        let payment_mint = account.payment_mint.clone();
        let energy_vault = account.energy_vault.clone();
        let payment_vault = account.payment_vault.clone();
        let energy_held = account.energy_held;
        let payment_held = account.payment_held;
        let sequence = account.sequence;
        let paused = account.paused.clone();
        let bump = account.bump;

        Mutable::new(LoadedPlant {
            __account__: account,
            __programs__: programs_map,
            creator,
            authority,
            pending_authority,
            energy_mint,
            payment_mint,
            energy_vault,
            payment_vault,
            energy_held,
            payment_held,
            sequence,
            paused,
            bump,
        })
    }

    pub fn store(loaded: Mutable<LoadedPlant>) {
        let mut loaded = loaded.borrow_mut();
        let creator = loaded.creator.clone();

        loaded.__account__.creator = creator;

        let authority = loaded.authority.clone();

        loaded.__account__.authority = authority;

        let pending_authority = loaded.pending_authority.clone();

        loaded.__account__.pending_authority = pending_authority;

        let energy_mint = loaded.energy_mint.clone();

        loaded.__account__.energy_mint = energy_mint;

        let payment_mint = loaded.payment_mint.clone();

        loaded.__account__.payment_mint = payment_mint;

        let energy_vault = loaded.energy_vault.clone();

        loaded.__account__.energy_vault = energy_vault;

        let payment_vault = loaded.payment_vault.clone();

        loaded.__account__.payment_vault = payment_vault;

        let energy_held = loaded.energy_held;

        loaded.__account__.energy_held = energy_held;

        let payment_held = loaded.payment_held;

        loaded.__account__.payment_held = payment_held;

        let sequence = loaded.sequence;

        loaded.__account__.sequence = sequence;

        let paused = loaded.paused.clone();

        loaded.__account__.paused = paused;

        let bump = loaded.bump;

        loaded.__account__.bump = bump;
    }
}

#[derive(Debug)]
pub struct LoadedPlant<'info, 'entrypoint> {
    pub __account__: &'entrypoint mut Box<Account<'info, Plant>>,
    pub __programs__: &'entrypoint ProgramsMap<'info>,
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

#[event]
pub struct PlantInitialized {
    pub plant: Pubkey,
    pub authority: Pubkey,
    pub energy_mint: Pubkey,
    pub payment_mint: Pubkey,
    pub energy_held: u64,
    pub payment_held: u64,
    pub sequence: u64,
}

#[derive(Clone, Debug, Default)]
pub struct LoadedPlantInitialized {
    pub plant: Pubkey,
    pub authority: Pubkey,
    pub energy_mint: Pubkey,
    pub payment_mint: Pubkey,
    pub energy_held: u64,
    pub payment_held: u64,
    pub sequence: u64,
}

impl Mutable<LoadedPlantInitialized> {
    fn __emit__(&self) {
        let e = self.borrow();

        emit!(PlantInitialized {
            plant: e.plant.clone(),
            authority: e.authority.clone(),
            energy_mint: e.energy_mint.clone(),
            payment_mint: e.payment_mint.clone(),
            energy_held: e.energy_held,
            payment_held: e.payment_held,
            sequence: e.sequence
        })
    }
}

impl LoadedPlantInitialized {
    pub fn __new__(
        plant: Pubkey,
        authority: Pubkey,
        energy_mint: Pubkey,
        payment_mint: Pubkey,
        energy_held: u64,
        payment_held: u64,
        sequence: u64,
    ) -> Mutable<Self> {
        let obj = LoadedPlantInitialized {
            plant,
            authority,
            energy_mint,
            payment_mint,
            energy_held,
            payment_held,
            sequence,
        };

        return Mutable::new(obj);
    }
}

impl Loadable for PlantInitialized {
    type Loaded = LoadedPlantInitialized;

    fn load(stored: Self) -> Self::Loaded {
        Self::Loaded {
            plant: stored.plant,
            authority: stored.authority,
            energy_mint: stored.energy_mint,
            payment_mint: stored.payment_mint,
            energy_held: stored.energy_held,
            payment_held: stored.payment_held,
            sequence: stored.sequence,
        }
    }

    fn store(loaded: Self::Loaded) -> Self {
        Self {
            plant: loaded.plant.clone(),
            authority: loaded.authority.clone(),
            energy_mint: loaded.energy_mint.clone(),
            payment_mint: loaded.payment_mint.clone(),
            energy_held: loaded.energy_held,
            payment_held: loaded.payment_held,
            sequence: loaded.sequence,
        }
    }
}

#[event]
pub struct PlantPaused {
    pub plant: Pubkey,
    pub energy_held: u64,
    pub payment_held: u64,
    pub sequence: u64,
}

#[derive(Clone, Debug, Default)]
pub struct LoadedPlantPaused {
    pub plant: Pubkey,
    pub energy_held: u64,
    pub payment_held: u64,
    pub sequence: u64,
}

impl Mutable<LoadedPlantPaused> {
    fn __emit__(&self) {
        let e = self.borrow();

        emit!(PlantPaused {
            plant: e.plant.clone(),
            energy_held: e.energy_held,
            payment_held: e.payment_held,
            sequence: e.sequence
        })
    }
}

impl LoadedPlantPaused {
    pub fn __new__(
        plant: Pubkey,
        energy_held: u64,
        payment_held: u64,
        sequence: u64,
    ) -> Mutable<Self> {
        let obj = LoadedPlantPaused {
            plant,
            energy_held,
            payment_held,
            sequence,
        };

        return Mutable::new(obj);
    }
}

impl Loadable for PlantPaused {
    type Loaded = LoadedPlantPaused;

    fn load(stored: Self) -> Self::Loaded {
        Self::Loaded {
            plant: stored.plant,
            energy_held: stored.energy_held,
            payment_held: stored.payment_held,
            sequence: stored.sequence,
        }
    }

    fn store(loaded: Self::Loaded) -> Self {
        Self {
            plant: loaded.plant.clone(),
            energy_held: loaded.energy_held,
            payment_held: loaded.payment_held,
            sequence: loaded.sequence,
        }
    }
}

#[event]
pub struct PlantResumed {
    pub plant: Pubkey,
    pub energy_held: u64,
    pub payment_held: u64,
    pub sequence: u64,
}

#[derive(Clone, Debug, Default)]
pub struct LoadedPlantResumed {
    pub plant: Pubkey,
    pub energy_held: u64,
    pub payment_held: u64,
    pub sequence: u64,
}

impl Mutable<LoadedPlantResumed> {
    fn __emit__(&self) {
        let e = self.borrow();

        emit!(PlantResumed {
            plant: e.plant.clone(),
            energy_held: e.energy_held,
            payment_held: e.payment_held,
            sequence: e.sequence
        })
    }
}

impl LoadedPlantResumed {
    pub fn __new__(
        plant: Pubkey,
        energy_held: u64,
        payment_held: u64,
        sequence: u64,
    ) -> Mutable<Self> {
        let obj = LoadedPlantResumed {
            plant,
            energy_held,
            payment_held,
            sequence,
        };

        return Mutable::new(obj);
    }
}

impl Loadable for PlantResumed {
    type Loaded = LoadedPlantResumed;

    fn load(stored: Self) -> Self::Loaded {
        Self::Loaded {
            plant: stored.plant,
            energy_held: stored.energy_held,
            payment_held: stored.payment_held,
            sequence: stored.sequence,
        }
    }

    fn store(loaded: Self::Loaded) -> Self {
        Self {
            plant: loaded.plant.clone(),
            energy_held: loaded.energy_held,
            payment_held: loaded.payment_held,
            sequence: loaded.sequence,
        }
    }
}

pub fn accept_authority_handler<'info>(
    mut authority: SeahorseSigner<'info, '_>,
    mut plant: Mutable<LoadedPlant<'info, '_>>,
) -> () {
    if !(plant.borrow().pending_authority != plant.borrow().authority) {
        panic!("no new authority is proposed");
    }

    if !(plant.borrow().pending_authority == authority.key()) {
        panic!("signer is not the proposed authority");
    }

    assign!(plant.borrow_mut().authority, authority.key());

    assign!(plant.borrow_mut().sequence, plant.borrow().sequence + 1);

    let mut event = <Loaded!(AuthorityAccepted)>::__new__(
        plant.borrow().__account__.key(),
        authority.key(),
        plant.borrow().energy_held.clone(),
        plant.borrow().payment_held.clone(),
        plant.borrow().sequence.clone(),
    );

    event.__emit__();
}

pub fn announce_handler<'info>(
    mut authority: SeahorseSigner<'info, '_>,
    mut plant: Mutable<LoadedPlant<'info, '_>>,
    mut dispatch: Mutable<LoadedDispatch<'info, '_>>,
    mut payment_vault: SeahorseAccount<'info, '_, TokenAccount>,
    mut source: SeahorseAccount<'info, '_, TokenAccount>,
    mut clock: Sysvar<'info, Clock>,
    mut starts_at: i64,
    mut ends_at: i64,
    mut target: u64,
    mut price: u64,
    mut bond_price: u64,
    mut tolerance_bps: u16,
) -> () {
    if !(source.key() != payment_vault.key()) {
        panic!("source is the payment vault");
    }

    assert_authority(plant.clone(), authority.clone());

    assert_not_paused(plant.clone());

    assert_dispatch_of(dispatch.clone(), plant.clone());

    assert_payment_vault_of(payment_vault.clone(), plant.clone());

    assert_source(
        source.clone(),
        plant.borrow().payment_mint.clone(),
        authority.clone(),
    );

    if !(!dispatch.borrow().active) {
        panic!("dispatch is active already");
    }

    if !(dispatch.borrow().settled_count == dispatch.borrow().commitment_count) {
        panic!("commitments are not all settled");
    }

    assert_terms(
        target.clone(),
        price.clone(),
        bond_price.clone(),
        tolerance_bps.clone(),
    );

    assert_window(
        clock.unix_timestamp.clone(),
        starts_at.clone(),
        ends_at.clone(),
    );

    let mut reward = escrow_of(target.clone(), price.clone());

    assign!(
        plant.borrow_mut().payment_held,
        plant.borrow().payment_held + reward
    );

    assign!(plant.borrow_mut().sequence, plant.borrow().sequence + 1);

    assign!(dispatch.borrow_mut().announcement, plant.borrow().sequence);

    assign!(dispatch.borrow_mut().starts_at, starts_at);

    assign!(dispatch.borrow_mut().ends_at, ends_at);

    assign!(dispatch.borrow_mut().target, target);

    assign!(dispatch.borrow_mut().price, price);

    assign!(dispatch.borrow_mut().bond_price, bond_price);

    assign!(dispatch.borrow_mut().reward, reward);

    assign!(dispatch.borrow_mut().committed, 0);

    assign!(dispatch.borrow_mut().commitment_count, 0);

    assign!(dispatch.borrow_mut().settled_count, 0);

    assign!(dispatch.borrow_mut().credited, 0);

    assign!(dispatch.borrow_mut().surplus, 0);

    assign!(dispatch.borrow_mut().surplus_settled, 0);

    assign!(dispatch.borrow_mut().bonds, 0);

    assign!(dispatch.borrow_mut().rewards_due, 0);

    assign!(dispatch.borrow_mut().bonds_due, 0);

    assign!(dispatch.borrow_mut().tolerance_bps, tolerance_bps);

    assign!(dispatch.borrow_mut().active, true);

    assign!(dispatch.borrow_mut().cancelled, false);

    token::transfer(
        CpiContext::new(
            source.programs.get("token_program"),
            token::Transfer {
                from: source.to_account_info(),
                authority: authority.clone().to_account_info(),
                to: payment_vault.clone().to_account_info(),
            },
        ),
        reward.clone(),
    )
    .unwrap();

    let mut event = <Loaded!(DispatchAnnounced)>::__new__(
        plant.borrow().__account__.key(),
        dispatch.borrow().__account__.key(),
        starts_at.clone(),
        ends_at.clone(),
        target.clone(),
        price.clone(),
        bond_price.clone(),
        tolerance_bps.clone(),
        reward.clone(),
        plant.borrow().energy_held.clone(),
        plant.borrow().payment_held.clone(),
        plant.borrow().sequence.clone(),
    );

    event.__emit__();
}

pub fn assert_amount(mut amount: u64) -> () {
    if !(amount > 0) {
        panic!("amount must be positive");
    }
}

pub fn assert_authority<'info>(
    mut plant: Mutable<LoadedPlant<'info, '_>>,
    mut authority: SeahorseSigner<'info, '_>,
) -> () {
    if !(plant.borrow().authority == authority.key()) {
        panic!("signer is not the authority");
    }
}

pub fn assert_commitment_to<'info>(
    mut commitment: Mutable<LoadedCommitment<'info, '_>>,
    mut dispatch: Mutable<LoadedDispatch<'info, '_>>,
) -> () {
    if !commitment.borrow().active {
        panic!("commitment is not active");
    }

    if !(commitment.borrow().dispatch == dispatch.borrow().__account__.key()) {
        panic!("commitment belongs to another dispatch");
    }
}

pub fn assert_destination<'info>(
    mut destination: SeahorseAccount<'info, '_, TokenAccount>,
    mut mint: Pubkey,
) -> () {
    if !(destination.mint == mint) {
        panic!("destination holds another mint");
    }
}

pub fn assert_destination_of<'info>(
    mut destination: SeahorseAccount<'info, '_, TokenAccount>,
    mut mint: Pubkey,
    mut owner: Pubkey,
) -> () {
    assert_destination(destination.clone(), mint.clone());

    if !(destination.owner == owner) {
        panic!("destination belongs to another owner");
    }
}

pub fn assert_dispatch_of<'info>(
    mut dispatch: Mutable<LoadedDispatch<'info, '_>>,
    mut plant: Mutable<LoadedPlant<'info, '_>>,
) -> () {
    if !(dispatch.borrow().plant == plant.borrow().__account__.key()) {
        panic!("dispatch belongs to another plant");
    }
}

pub fn assert_energy_vault_of<'info>(
    mut energy_vault: SeahorseAccount<'info, '_, TokenAccount>,
    mut plant: Mutable<LoadedPlant<'info, '_>>,
) -> () {
    if !(energy_vault.key() == plant.borrow().energy_vault) {
        panic!("energy vault is not of this plant");
    }
}

pub fn assert_not_paused<'info>(mut plant: Mutable<LoadedPlant<'info, '_>>) -> () {
    if !(!plant.borrow().paused) {
        panic!("plant is paused");
    }
}

pub fn assert_over<'info>(mut dispatch: Mutable<LoadedDispatch<'info, '_>>, mut now: i64) -> () {
    if !(dispatch.borrow().cancelled || (now >= dispatch.borrow().ends_at)) {
        panic!("dispatch has not ended");
    }
}

pub fn assert_owned_commitment_of<'info>(
    mut commitment: Mutable<LoadedCommitment<'info, '_>>,
    mut plant: Mutable<LoadedPlant<'info, '_>>,
    mut owner: SeahorseSigner<'info, '_>,
) -> () {
    if !(commitment.borrow().plant == plant.borrow().__account__.key()) {
        panic!("commitment belongs to another plant");
    }

    if !(commitment.borrow().owner == owner.key()) {
        panic!("commitment belongs to another owner");
    }
}

pub fn assert_payment_vault_of<'info>(
    mut payment_vault: SeahorseAccount<'info, '_, TokenAccount>,
    mut plant: Mutable<LoadedPlant<'info, '_>>,
) -> () {
    if !(payment_vault.key() == plant.borrow().payment_vault) {
        panic!("payment vault is not of this plant");
    }
}

pub fn assert_source<'info>(
    mut source: SeahorseAccount<'info, '_, TokenAccount>,
    mut mint: Pubkey,
    mut owner: SeahorseSigner<'info, '_>,
) -> () {
    if !(source.mint == mint) {
        panic!("source holds another mint");
    }

    if !(source.owner == owner.key()) {
        panic!("source belongs to another owner");
    }
}

pub fn assert_terms(
    mut target: u64,
    mut price: u64,
    mut bond_price: u64,
    mut tolerance_bps: u16,
) -> () {
    if !(target > 0) {
        panic!("target must be positive");
    }

    if !(target <= MAX_TARGET!()) {
        panic!("target exceeds a terawatt hour");
    }

    if !(price > 0) {
        panic!("price must be positive");
    }

    if !(bond_price > 0) {
        panic!("bond price must be positive");
    }

    if !(tolerance_bps <= BPS!()) {
        panic!("tolerance exceeds 10000 basis points");
    }
}

pub fn assert_under_way<'info>(mut dispatch: Mutable<LoadedDispatch<'info, '_>>) -> () {
    if !dispatch.borrow().active {
        panic!("dispatch is not active");
    }
}

pub fn assert_window(mut now: i64, mut starts_at: i64, mut ends_at: i64) -> () {
    if !(starts_at > now) {
        panic!("dispatch starts in the past");
    }

    if !(ends_at > starts_at) {
        panic!("dispatch ends before it starts");
    }

    if !((ends_at - now) <= MAX_AHEAD!()) {
        panic!("dispatch ends more than a year ahead");
    }
}

pub fn cancel_dispatch_handler<'info>(
    mut authority: SeahorseSigner<'info, '_>,
    mut plant: Mutable<LoadedPlant<'info, '_>>,
    mut dispatch: Mutable<LoadedDispatch<'info, '_>>,
    mut payment_vault: SeahorseAccount<'info, '_, TokenAccount>,
    mut destination: SeahorseAccount<'info, '_, TokenAccount>,
    mut clock: Sysvar<'info, Clock>,
) -> () {
    if !(destination.key() != payment_vault.key()) {
        panic!("destination is the payment vault");
    }

    assert_authority(plant.clone(), authority.clone());

    assert_dispatch_of(dispatch.clone(), plant.clone());

    assert_payment_vault_of(payment_vault.clone(), plant.clone());

    assert_destination(destination.clone(), plant.borrow().payment_mint.clone());

    assert_under_way(dispatch.clone());

    if !(clock.unix_timestamp < dispatch.borrow().starts_at) {
        panic!("dispatch has started");
    }

    assign!(dispatch.borrow_mut().active, false);

    assign!(dispatch.borrow_mut().cancelled, true);

    assign!(
        plant.borrow_mut().payment_held,
        plant.borrow().payment_held - dispatch.borrow().reward
    );

    assign!(plant.borrow_mut().sequence, plant.borrow().sequence + 1);

    let mut creator = plant.borrow().creator;
    let mut energy_mint = plant.borrow().energy_mint;
    let mut payment_mint = plant.borrow().payment_mint;
    let mut bump = plant.borrow().bump;

    token::transfer(
        CpiContext::new_with_signer(
            payment_vault.programs.get("token_program"),
            token::Transfer {
                from: payment_vault.to_account_info(),
                authority: plant.borrow().__account__.to_account_info(),
                to: destination.clone().to_account_info(),
            },
            &[Mutable::new(vec![
                "plant".to_string().as_bytes().as_ref(),
                creator.as_ref(),
                energy_mint.as_ref(),
                payment_mint.as_ref(),
                bump.to_le_bytes().as_ref(),
            ])
            .borrow()
            .as_slice()],
        ),
        dispatch.borrow().reward.clone(),
    )
    .unwrap();

    let mut event = <Loaded!(DispatchCancelled)>::__new__(
        plant.borrow().__account__.key(),
        dispatch.borrow().__account__.key(),
        dispatch.borrow().reward.clone(),
        plant.borrow().energy_held.clone(),
        plant.borrow().payment_held.clone(),
        plant.borrow().sequence.clone(),
    );

    event.__emit__();
}

pub fn commit_handler<'info>(
    mut owner: SeahorseSigner<'info, '_>,
    mut plant: Mutable<LoadedPlant<'info, '_>>,
    mut dispatch: Mutable<LoadedDispatch<'info, '_>>,
    mut commitment: Mutable<LoadedCommitment<'info, '_>>,
    mut payment_vault: SeahorseAccount<'info, '_, TokenAccount>,
    mut source: SeahorseAccount<'info, '_, TokenAccount>,
    mut clock: Sysvar<'info, Clock>,
    mut amount: u64,
    mut announcement: u64,
) -> () {
    if !(source.key() != payment_vault.key()) {
        panic!("source is the payment vault");
    }

    assert_not_paused(plant.clone());

    assert_dispatch_of(dispatch.clone(), plant.clone());

    assert_owned_commitment_of(commitment.clone(), plant.clone(), owner.clone());

    assert_payment_vault_of(payment_vault.clone(), plant.clone());

    assert_source(
        source.clone(),
        plant.borrow().payment_mint.clone(),
        owner.clone(),
    );

    if !(!commitment.borrow().active) {
        panic!("commitment is active already");
    }

    assert_under_way(dispatch.clone());

    if !(dispatch.borrow().announcement == announcement) {
        panic!("dispatch was announced anew");
    }

    if !(clock.unix_timestamp < dispatch.borrow().starts_at) {
        panic!("dispatch has started");
    }

    assert_amount(amount.clone());

    if !(amount <= (dispatch.borrow().target - dispatch.borrow().committed)) {
        panic!("amount exceeds what is left of the target");
    }

    let mut bond = escrow_of(amount.clone(), dispatch.borrow().bond_price.clone());

    assign!(
        commitment.borrow_mut().dispatch,
        dispatch.borrow().__account__.key()
    );

    assign!(commitment.borrow_mut().amount, amount);

    assign!(commitment.borrow_mut().delivered, 0);

    assign!(commitment.borrow_mut().bond, bond);

    assign!(commitment.borrow_mut().active, true);

    assign!(
        dispatch.borrow_mut().committed,
        dispatch.borrow().committed + amount
    );

    assign!(
        dispatch.borrow_mut().commitment_count,
        dispatch.borrow().commitment_count + 1
    );

    assign!(dispatch.borrow_mut().bonds, dispatch.borrow().bonds + bond);

    assign!(
        plant.borrow_mut().payment_held,
        plant.borrow().payment_held + bond
    );

    assign!(plant.borrow_mut().sequence, plant.borrow().sequence + 1);

    token::transfer(
        CpiContext::new(
            source.programs.get("token_program"),
            token::Transfer {
                from: source.to_account_info(),
                authority: owner.clone().to_account_info(),
                to: payment_vault.clone().to_account_info(),
            },
        ),
        bond.clone(),
    )
    .unwrap();

    let mut event = <Loaded!(EnergyCommitted)>::__new__(
        plant.borrow().__account__.key(),
        dispatch.borrow().__account__.key(),
        commitment.borrow().__account__.key(),
        amount.clone(),
        bond.clone(),
        dispatch.borrow().committed.clone(),
        plant.borrow().energy_held.clone(),
        plant.borrow().payment_held.clone(),
        plant.borrow().sequence.clone(),
    );

    event.__emit__();
}

pub fn deliver_handler<'info>(
    mut owner: SeahorseSigner<'info, '_>,
    mut plant: Mutable<LoadedPlant<'info, '_>>,
    mut dispatch: Mutable<LoadedDispatch<'info, '_>>,
    mut commitment: Mutable<LoadedCommitment<'info, '_>>,
    mut energy_vault: SeahorseAccount<'info, '_, TokenAccount>,
    mut source: SeahorseAccount<'info, '_, TokenAccount>,
    mut clock: Sysvar<'info, Clock>,
    mut amount: u64,
) -> () {
    if !(source.key() != energy_vault.key()) {
        panic!("source is the energy vault");
    }

    assert_dispatch_of(dispatch.clone(), plant.clone());

    assert_owned_commitment_of(commitment.clone(), plant.clone(), owner.clone());

    assert_commitment_to(commitment.clone(), dispatch.clone());

    assert_energy_vault_of(energy_vault.clone(), plant.clone());

    assert_source(
        source.clone(),
        plant.borrow().energy_mint.clone(),
        owner.clone(),
    );

    assert_under_way(dispatch.clone());

    let mut now = clock.unix_timestamp;

    if !(now >= dispatch.borrow().starts_at) {
        panic!("dispatch has not started");
    }

    if !(now < dispatch.borrow().ends_at) {
        panic!("dispatch has ended");
    }

    assert_amount(amount.clone());

    let mut room = limit_of(
        commitment.borrow().amount.clone(),
        dispatch.borrow().tolerance_bps.clone(),
    ) - commitment.borrow().delivered;

    if !(amount <= room) {
        panic!("amount exceeds the commitment and its tolerance");
    }

    let mut before = commitment
        .borrow()
        .delivered
        .min(commitment.borrow().amount);

    let mut after = (commitment.borrow().delivered + amount).min(commitment.borrow().amount);

    assign!(
        commitment.borrow_mut().delivered,
        commitment.borrow().delivered + amount
    );

    assign!(
        dispatch.borrow_mut().credited,
        dispatch.borrow().credited + (after - before)
    );

    assign!(
        dispatch.borrow_mut().surplus,
        dispatch.borrow().surplus + (amount - (after - before))
    );

    assign!(
        dispatch.borrow_mut().rewards_due,
        dispatch.borrow().rewards_due
            + (earned_by(after.clone(), dispatch.borrow().price.clone())
                - earned_by(before.clone(), dispatch.borrow().price.clone()))
    );

    assign!(
        dispatch.borrow_mut().bonds_due,
        dispatch.borrow().bonds_due
            + (part_of(
                commitment.borrow().bond.clone(),
                after.clone(),
                commitment.borrow().amount.clone()
            ) - part_of(
                commitment.borrow().bond.clone(),
                before.clone(),
                commitment.borrow().amount.clone()
            ))
    );

    assign!(
        plant.borrow_mut().energy_held,
        plant.borrow().energy_held + amount
    );

    assign!(plant.borrow_mut().sequence, plant.borrow().sequence + 1);

    token::transfer(
        CpiContext::new(
            source.programs.get("token_program"),
            token::Transfer {
                from: source.to_account_info(),
                authority: owner.clone().to_account_info(),
                to: energy_vault.clone().to_account_info(),
            },
        ),
        amount.clone(),
    )
    .unwrap();

    let mut event = <Loaded!(EnergyDelivered)>::__new__(
        plant.borrow().__account__.key(),
        dispatch.borrow().__account__.key(),
        commitment.borrow().__account__.key(),
        amount.clone(),
        commitment.borrow().delivered.clone(),
        dispatch.borrow().credited.clone(),
        dispatch.borrow().surplus.clone(),
        plant.borrow().energy_held.clone(),
        plant.borrow().payment_held.clone(),
        plant.borrow().sequence.clone(),
    );

    event.__emit__();
}

pub fn earned_by(mut amount: u64, mut price: u64) -> u64 {
    return <u64 as TryFrom<_>>::try_from(
        ((<u128 as TryFrom<_>>::try_from(amount.clone()).unwrap()
            * <u128 as TryFrom<_>>::try_from(price.clone()).unwrap())
            / UNITS_PER_PRICE!()),
    )
    .unwrap();
}

pub fn escrow_of(mut amount: u64, mut price: u64) -> u64 {
    return <u64 as TryFrom<_>>::try_from(
        ((((<u128 as TryFrom<_>>::try_from(amount.clone()).unwrap()
            * <u128 as TryFrom<_>>::try_from(price.clone()).unwrap())
            + UNITS_PER_PRICE!())
            - 1)
            / UNITS_PER_PRICE!()),
    )
    .unwrap();
}

pub fn initialize_handler<'info>(
    mut authority: SeahorseSigner<'info, '_>,
    mut energy_mint: SeahorseAccount<'info, '_, Mint>,
    mut payment_mint: SeahorseAccount<'info, '_, Mint>,
    mut plant: Empty<Mutable<LoadedPlant<'info, '_>>>,
    mut energy_vault: Empty<SeahorseAccount<'info, '_, TokenAccount>>,
) -> () {
    if !(energy_mint.key() != payment_mint.key()) {
        panic!("payment mint is the energy mint");
    }

    if !(energy_mint.decimals == DECIMALS!()) {
        panic!("energy mint must have 3 decimals");
    }

    let mut bump = plant.bump.unwrap();
    let mut plant = plant.account.clone();
    let mut energy_vault = energy_vault.account.clone();

    assign!(plant.borrow_mut().creator, authority.key());

    assign!(plant.borrow_mut().authority, authority.key());

    assign!(plant.borrow_mut().pending_authority, authority.key());

    assign!(plant.borrow_mut().energy_mint, energy_mint.key());

    assign!(plant.borrow_mut().payment_mint, payment_mint.key());

    assign!(plant.borrow_mut().energy_vault, energy_vault.key());

    assign!(plant.borrow_mut().sequence, 1);

    assign!(plant.borrow_mut().bump, bump);

    let mut event = <Loaded!(PlantInitialized)>::__new__(
        plant.borrow().__account__.key(),
        authority.key(),
        energy_mint.key(),
        payment_mint.key(),
        plant.borrow().energy_held.clone(),
        plant.borrow().payment_held.clone(),
        plant.borrow().sequence.clone(),
    );

    event.__emit__();
}

pub fn limit_of(mut amount: u64, mut tolerance_bps: u16) -> u64 {
    return amount
        + <u64 as TryFrom<_>>::try_from(
            ((<u128 as TryFrom<_>>::try_from(amount.clone()).unwrap()
                * <u128 as TryFrom<_>>::try_from(tolerance_bps.clone()).unwrap())
                / BPS!()),
        )
        .unwrap();
}

pub fn open_commitment_handler<'info>(
    mut payer: SeahorseSigner<'info, '_>,
    mut plant: Mutable<LoadedPlant<'info, '_>>,
    mut commitment: Empty<Mutable<LoadedCommitment<'info, '_>>>,
    mut owner: Pubkey,
    mut number: u8,
) -> () {
    let mut commitment = commitment.account.clone();

    assign!(
        commitment.borrow_mut().plant,
        plant.borrow().__account__.key()
    );

    assign!(commitment.borrow_mut().owner, owner);

    assign!(commitment.borrow_mut().number, number);

    assign!(plant.borrow_mut().sequence, plant.borrow().sequence + 1);

    let mut event = <Loaded!(CommitmentOpened)>::__new__(
        plant.borrow().__account__.key(),
        commitment.borrow().__account__.key(),
        owner.clone(),
        number.clone(),
        plant.borrow().energy_held.clone(),
        plant.borrow().payment_held.clone(),
        plant.borrow().sequence.clone(),
    );

    event.__emit__();
}

pub fn open_dispatch_handler<'info>(
    mut payer: SeahorseSigner<'info, '_>,
    mut plant: Mutable<LoadedPlant<'info, '_>>,
    mut dispatch: Empty<Mutable<LoadedDispatch<'info, '_>>>,
    mut number: u8,
) -> () {
    let mut dispatch = dispatch.account.clone();

    assign!(
        dispatch.borrow_mut().plant,
        plant.borrow().__account__.key()
    );

    assign!(dispatch.borrow_mut().number, number);

    assign!(plant.borrow_mut().sequence, plant.borrow().sequence + 1);

    let mut event = <Loaded!(DispatchOpened)>::__new__(
        plant.borrow().__account__.key(),
        dispatch.borrow().__account__.key(),
        number.clone(),
        plant.borrow().energy_held.clone(),
        plant.borrow().payment_held.clone(),
        plant.borrow().sequence.clone(),
    );

    event.__emit__();
}

pub fn open_payment_vault_handler<'info>(
    mut payer: SeahorseSigner<'info, '_>,
    mut plant: Mutable<LoadedPlant<'info, '_>>,
    mut payment_mint: SeahorseAccount<'info, '_, Mint>,
    mut payment_vault: Empty<SeahorseAccount<'info, '_, TokenAccount>>,
) -> () {
    if !(payment_mint.key() == plant.borrow().payment_mint) {
        panic!("payment mint is not of this plant");
    }

    let mut payment_vault = payment_vault.account.clone();

    assign!(plant.borrow_mut().payment_vault, payment_vault.key());

    assign!(plant.borrow_mut().sequence, plant.borrow().sequence + 1);

    let mut event = <Loaded!(PaymentVaultOpened)>::__new__(
        plant.borrow().__account__.key(),
        payment_vault.key(),
        plant.borrow().energy_held.clone(),
        plant.borrow().payment_held.clone(),
        plant.borrow().sequence.clone(),
    );

    event.__emit__();
}

pub fn part_of(mut whole: u64, mut numerator: u64, mut denominator: u64) -> u64 {
    return <u64 as TryFrom<_>>::try_from(
        ((<u128 as TryFrom<_>>::try_from(whole.clone()).unwrap()
            * <u128 as TryFrom<_>>::try_from(numerator.clone()).unwrap())
            / <u128 as TryFrom<_>>::try_from(denominator.clone()).unwrap()),
    )
    .unwrap();
}

pub fn pause_handler<'info>(
    mut authority: SeahorseSigner<'info, '_>,
    mut plant: Mutable<LoadedPlant<'info, '_>>,
) -> () {
    assert_authority(plant.clone(), authority.clone());

    assert_not_paused(plant.clone());

    assign!(plant.borrow_mut().paused, true);

    assign!(plant.borrow_mut().sequence, plant.borrow().sequence + 1);

    let mut event = <Loaded!(PlantPaused)>::__new__(
        plant.borrow().__account__.key(),
        plant.borrow().energy_held.clone(),
        plant.borrow().payment_held.clone(),
        plant.borrow().sequence.clone(),
    );

    event.__emit__();
}

pub fn pool_of<'info>(mut dispatch: Mutable<LoadedDispatch<'info, '_>>) -> u64 {
    let mut shortfall = dispatch.borrow().committed - dispatch.borrow().credited;
    let mut replaced = shortfall.min(dispatch.borrow().surplus);

    if replaced == 0 {
        return 0;
    }

    let mut forfeited = dispatch.borrow().bonds - dispatch.borrow().bonds_due;

    return part_of(forfeited.clone(), replaced.clone(), shortfall.clone())
        + earned_by(replaced.clone(), dispatch.borrow().price.clone());
}

pub fn propose_authority_handler<'info>(
    mut authority: SeahorseSigner<'info, '_>,
    mut plant: Mutable<LoadedPlant<'info, '_>>,
    mut proposed: Pubkey,
) -> () {
    assert_authority(plant.clone(), authority.clone());

    assign!(plant.borrow_mut().pending_authority, proposed);

    assign!(plant.borrow_mut().sequence, plant.borrow().sequence + 1);

    let mut event = <Loaded!(AuthorityProposed)>::__new__(
        plant.borrow().__account__.key(),
        proposed.clone(),
        plant.borrow().energy_held.clone(),
        plant.borrow().payment_held.clone(),
        plant.borrow().sequence.clone(),
    );

    event.__emit__();
}

pub fn resume_handler<'info>(
    mut authority: SeahorseSigner<'info, '_>,
    mut plant: Mutable<LoadedPlant<'info, '_>>,
) -> () {
    assert_authority(plant.clone(), authority.clone());

    if !plant.borrow().paused {
        panic!("plant is not paused");
    }

    assign!(plant.borrow_mut().paused, false);

    assign!(plant.borrow_mut().sequence, plant.borrow().sequence + 1);

    let mut event = <Loaded!(PlantResumed)>::__new__(
        plant.borrow().__account__.key(),
        plant.borrow().energy_held.clone(),
        plant.borrow().payment_held.clone(),
        plant.borrow().sequence.clone(),
    );

    event.__emit__();
}

pub fn return_rent_handler<'info>(
    mut owner: SeahorseSigner<'info, '_>,
    mut commitment: Mutable<LoadedCommitment<'info, '_>>,
    mut amount: u64,
) -> () {
    if !(commitment.borrow().owner == owner.key()) {
        panic!("commitment belongs to another owner");
    }

    {
        use anchor_lang::Lamports as _;

        let amount = amount.clone();

        commitment
            .borrow()
            .__account__
            .sub_lamports(amount)
            .unwrap();

        owner.clone().add_lamports(amount).unwrap();
    };

    {
        use anchor_lang::Lamports as _;

        let amount = 1;

        commitment
            .borrow()
            .__account__
            .sub_lamports(amount)
            .unwrap();

        commitment
            .borrow()
            .__account__
            .add_lamports(amount)
            .unwrap();
    };
}

pub fn settle_commitment_handler<'info>(
    mut plant: Mutable<LoadedPlant<'info, '_>>,
    mut dispatch: Mutable<LoadedDispatch<'info, '_>>,
    mut commitment: Mutable<LoadedCommitment<'info, '_>>,
    mut payment_vault: SeahorseAccount<'info, '_, TokenAccount>,
    mut destination: SeahorseAccount<'info, '_, TokenAccount>,
    mut clock: Sysvar<'info, Clock>,
) -> () {
    if !(destination.key() != payment_vault.key()) {
        panic!("destination is the payment vault");
    }

    assert_dispatch_of(dispatch.clone(), plant.clone());

    assert_commitment_to(commitment.clone(), dispatch.clone());

    assert_payment_vault_of(payment_vault.clone(), plant.clone());

    assert_destination_of(
        destination.clone(),
        plant.borrow().payment_mint.clone(),
        commitment.borrow().owner.clone(),
    );

    assert_over(dispatch.clone(), clock.unix_timestamp.clone());

    let mut reward = <u64 as TryFrom<_>>::try_from(0).unwrap();
    let mut bond = commitment.borrow().bond;
    let mut share = <u64 as TryFrom<_>>::try_from(0).unwrap();

    if !dispatch.borrow().cancelled {
        let mut credited = commitment
            .borrow()
            .delivered
            .min(commitment.borrow().amount);

        reward = earned_by(credited.clone(), dispatch.borrow().price.clone());

        bond = part_of(
            commitment.borrow().bond.clone(),
            credited.clone(),
            commitment.borrow().amount.clone(),
        );

        let mut surplus = commitment.borrow().delivered - credited;

        if surplus > 0 {
            let mut pool = pool_of(dispatch.clone());
            let mut begin = part_of(
                pool.clone(),
                dispatch.borrow().surplus_settled.clone(),
                dispatch.borrow().surplus.clone(),
            );

            assign!(
                dispatch.borrow_mut().surplus_settled,
                dispatch.borrow().surplus_settled + surplus
            );

            share = part_of(
                pool.clone(),
                dispatch.borrow().surplus_settled.clone(),
                dispatch.borrow().surplus.clone(),
            ) - begin;
        }
    }

    let mut payment = (reward + bond) + share;

    assign!(commitment.borrow_mut().active, false);

    assign!(
        dispatch.borrow_mut().settled_count,
        dispatch.borrow().settled_count + 1
    );

    assign!(
        plant.borrow_mut().payment_held,
        plant.borrow().payment_held - payment
    );

    assign!(plant.borrow_mut().sequence, plant.borrow().sequence + 1);

    if payment > 0 {
        let mut creator = plant.borrow().creator;
        let mut energy_mint = plant.borrow().energy_mint;
        let mut payment_mint = plant.borrow().payment_mint;
        let mut bump = plant.borrow().bump;

        token::transfer(
            CpiContext::new_with_signer(
                payment_vault.programs.get("token_program"),
                token::Transfer {
                    from: payment_vault.to_account_info(),
                    authority: plant.borrow().__account__.to_account_info(),
                    to: destination.clone().to_account_info(),
                },
                &[Mutable::new(vec![
                    "plant".to_string().as_bytes().as_ref(),
                    creator.as_ref(),
                    energy_mint.as_ref(),
                    payment_mint.as_ref(),
                    bump.to_le_bytes().as_ref(),
                ])
                .borrow()
                .as_slice()],
            ),
            payment.clone(),
        )
        .unwrap();
    }

    let mut event = <Loaded!(CommitmentSettled)>::__new__(
        plant.borrow().__account__.key(),
        dispatch.borrow().__account__.key(),
        commitment.borrow().__account__.key(),
        reward.clone(),
        bond.clone(),
        share.clone(),
        plant.borrow().energy_held.clone(),
        plant.borrow().payment_held.clone(),
        plant.borrow().sequence.clone(),
    );

    event.__emit__();
}

pub fn settle_dispatch_handler<'info>(
    mut plant: Mutable<LoadedPlant<'info, '_>>,
    mut dispatch: Mutable<LoadedDispatch<'info, '_>>,
    mut energy_vault: SeahorseAccount<'info, '_, TokenAccount>,
    mut payment_vault: SeahorseAccount<'info, '_, TokenAccount>,
    mut energy_destination: SeahorseAccount<'info, '_, TokenAccount>,
    mut payment_destination: SeahorseAccount<'info, '_, TokenAccount>,
    mut clock: Sysvar<'info, Clock>,
) -> () {
    if !(energy_vault.key() != payment_vault.key()) {
        panic!("energy vault is the payment vault");
    }

    if !(energy_vault.key() != energy_destination.key()) {
        panic!("energy destination is the energy vault");
    }

    if !(energy_vault.key() != payment_destination.key()) {
        panic!("payment destination is the energy vault");
    }

    if !(payment_vault.key() != energy_destination.key()) {
        panic!("energy destination is the payment vault");
    }

    if !(payment_vault.key() != payment_destination.key()) {
        panic!("payment destination is the payment vault");
    }

    if !(energy_destination.key() != payment_destination.key()) {
        panic!("destinations are the same");
    }

    assert_dispatch_of(dispatch.clone(), plant.clone());

    assert_energy_vault_of(energy_vault.clone(), plant.clone());

    assert_payment_vault_of(payment_vault.clone(), plant.clone());

    assert_destination_of(
        energy_destination.clone(),
        plant.borrow().energy_mint.clone(),
        plant.borrow().authority.clone(),
    );

    assert_destination_of(
        payment_destination.clone(),
        plant.borrow().payment_mint.clone(),
        plant.borrow().authority.clone(),
    );

    assert_under_way(dispatch.clone());

    assert_over(dispatch.clone(), clock.unix_timestamp.clone());

    let mut energy = dispatch.borrow().credited + dispatch.borrow().surplus;
    let mut pool = pool_of(dispatch.clone());
    let mut payment = ((dispatch.borrow().reward - dispatch.borrow().rewards_due)
        + (dispatch.borrow().bonds - dispatch.borrow().bonds_due))
        - pool;

    assign!(dispatch.borrow_mut().active, false);

    assign!(
        plant.borrow_mut().energy_held,
        plant.borrow().energy_held - energy
    );

    assign!(
        plant.borrow_mut().payment_held,
        plant.borrow().payment_held - payment
    );

    assign!(plant.borrow_mut().sequence, plant.borrow().sequence + 1);

    let mut creator = plant.borrow().creator;
    let mut energy_mint = plant.borrow().energy_mint;
    let mut payment_mint = plant.borrow().payment_mint;
    let mut bump = plant.borrow().bump;

    if energy > 0 {
        token::transfer(
            CpiContext::new_with_signer(
                energy_vault.programs.get("token_program"),
                token::Transfer {
                    from: energy_vault.to_account_info(),
                    authority: plant.borrow().__account__.to_account_info(),
                    to: energy_destination.clone().to_account_info(),
                },
                &[Mutable::new(vec![
                    "plant".to_string().as_bytes().as_ref(),
                    creator.as_ref(),
                    energy_mint.as_ref(),
                    payment_mint.as_ref(),
                    bump.to_le_bytes().as_ref(),
                ])
                .borrow()
                .as_slice()],
            ),
            energy.clone(),
        )
        .unwrap();
    }

    if payment > 0 {
        token::transfer(
            CpiContext::new_with_signer(
                payment_vault.programs.get("token_program"),
                token::Transfer {
                    from: payment_vault.to_account_info(),
                    authority: plant.borrow().__account__.to_account_info(),
                    to: payment_destination.clone().to_account_info(),
                },
                &[Mutable::new(vec![
                    "plant".to_string().as_bytes().as_ref(),
                    creator.as_ref(),
                    energy_mint.as_ref(),
                    payment_mint.as_ref(),
                    bump.to_le_bytes().as_ref(),
                ])
                .borrow()
                .as_slice()],
            ),
            payment.clone(),
        )
        .unwrap();
    }

    let mut event = <Loaded!(DispatchSettled)>::__new__(
        plant.borrow().__account__.key(),
        dispatch.borrow().__account__.key(),
        energy.clone(),
        payment.clone(),
        pool.clone(),
        plant.borrow().energy_held.clone(),
        plant.borrow().payment_held.clone(),
        plant.borrow().sequence.clone(),
    );

    event.__emit__();
}
