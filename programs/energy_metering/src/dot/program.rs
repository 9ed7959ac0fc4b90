#![allow(unused_imports)]
#![allow(unused_variables)]
#![allow(unused_mut)]
use crate::{id, seahorse_util::*};
use anchor_lang::{prelude::*, solana_program};
use anchor_spl::token::{self, Mint, Token, TokenAccount};
use std::{cell::RefCell, rc::Rc};

seahorse_const! { BPS , 10000 }

seahorse_const! { MAX_RATED_POWER , 1000000000 }

seahorse_const! { SECONDS_PER_HOUR , 3600 }

seahorse_const! { TOLERANCE_BPS , 500 }

#[event]
pub struct AuthorityAccepted {
    pub issuer: Pubkey,
    pub authority: Pubkey,
    pub minted: u64,
    pub meter_count: u64,
    pub sequence: u64,
}

#[derive(Clone, Debug, Default)]
pub struct LoadedAuthorityAccepted {
    pub issuer: Pubkey,
    pub authority: Pubkey,
    pub minted: u64,
    pub meter_count: u64,
    pub sequence: u64,
}

impl Mutable<LoadedAuthorityAccepted> {
    fn __emit__(&self) {
        let e = self.borrow();

        emit!(AuthorityAccepted {
            issuer: e.issuer.clone(),
            authority: e.authority.clone(),
            minted: e.minted,
            meter_count: e.meter_count,
            sequence: e.sequence
        })
    }
}

impl LoadedAuthorityAccepted {
    pub fn __new__(
        issuer: Pubkey,
        authority: Pubkey,
        minted: u64,
        meter_count: u64,
        sequence: u64,
    ) -> Mutable<Self> {
        let obj = LoadedAuthorityAccepted {
            issuer,
            authority,
            minted,
            meter_count,
            sequence,
        };

        return Mutable::new(obj);
    }
}

impl Loadable for AuthorityAccepted {
    type Loaded = LoadedAuthorityAccepted;

    fn load(stored: Self) -> Self::Loaded {
        Self::Loaded {
            issuer: stored.issuer,
            authority: stored.authority,
            minted: stored.minted,
            meter_count: stored.meter_count,
            sequence: stored.sequence,
        }
    }

    fn store(loaded: Self::Loaded) -> Self {
        Self {
            issuer: loaded.issuer.clone(),
            authority: loaded.authority.clone(),
            minted: loaded.minted,
            meter_count: loaded.meter_count,
            sequence: loaded.sequence,
        }
    }
}

#[event]
pub struct AuthorityProposed {
    pub issuer: Pubkey,
    pub proposed: Pubkey,
    pub minted: u64,
    pub meter_count: u64,
    pub sequence: u64,
}

#[derive(Clone, Debug, Default)]
pub struct LoadedAuthorityProposed {
    pub issuer: Pubkey,
    pub proposed: Pubkey,
    pub minted: u64,
    pub meter_count: u64,
    pub sequence: u64,
}

impl Mutable<LoadedAuthorityProposed> {
    fn __emit__(&self) {
        let e = self.borrow();

        emit!(AuthorityProposed {
            issuer: e.issuer.clone(),
            proposed: e.proposed.clone(),
            minted: e.minted,
            meter_count: e.meter_count,
            sequence: e.sequence
        })
    }
}

impl LoadedAuthorityProposed {
    pub fn __new__(
        issuer: Pubkey,
        proposed: Pubkey,
        minted: u64,
        meter_count: u64,
        sequence: u64,
    ) -> Mutable<Self> {
        let obj = LoadedAuthorityProposed {
            issuer,
            proposed,
            minted,
            meter_count,
            sequence,
        };

        return Mutable::new(obj);
    }
}

impl Loadable for AuthorityProposed {
    type Loaded = LoadedAuthorityProposed;

    fn load(stored: Self) -> Self::Loaded {
        Self::Loaded {
            issuer: stored.issuer,
            proposed: stored.proposed,
            minted: stored.minted,
            meter_count: stored.meter_count,
            sequence: stored.sequence,
        }
    }

    fn store(loaded: Self::Loaded) -> Self {
        Self {
            issuer: loaded.issuer.clone(),
            proposed: loaded.proposed.clone(),
            minted: loaded.minted,
            meter_count: loaded.meter_count,
            sequence: loaded.sequence,
        }
    }
}

#[event]
pub struct DeviceReplaced {
    pub issuer: Pubkey,
    pub meter: Pubkey,
    pub replacement: Pubkey,
    pub device: Pubkey,
    pub register: u64,
    pub read_at: i64,
    pub minted: u64,
    pub meter_count: u64,
    pub sequence: u64,
}

#[derive(Clone, Debug, Default)]
pub struct LoadedDeviceReplaced {
    pub issuer: Pubkey,
    pub meter: Pubkey,
    pub replacement: Pubkey,
    pub device: Pubkey,
    pub register: u64,
    pub read_at: i64,
    pub minted: u64,
    pub meter_count: u64,
    pub sequence: u64,
}

impl Mutable<LoadedDeviceReplaced> {
    fn __emit__(&self) {
        let e = self.borrow();

        emit!(DeviceReplaced {
            issuer: e.issuer.clone(),
            meter: e.meter.clone(),
            replacement: e.replacement.clone(),
            device: e.device.clone(),
            register: e.register,
            read_at: e.read_at,
            minted: e.minted,
            meter_count: e.meter_count,
            sequence: e.sequence
        })
    }
}

impl LoadedDeviceReplaced {
    pub fn __new__(
        issuer: Pubkey,
        meter: Pubkey,
        replacement: Pubkey,
        device: Pubkey,
        register: u64,
        read_at: i64,
        minted: u64,
        meter_count: u64,
        sequence: u64,
    ) -> Mutable<Self> {
        let obj = LoadedDeviceReplaced {
            issuer,
            meter,
            replacement,
            device,
            register,
            read_at,
            minted,
            meter_count,
            sequence,
        };

        return Mutable::new(obj);
    }
}

impl Loadable for DeviceReplaced {
    type Loaded = LoadedDeviceReplaced;

    fn load(stored: Self) -> Self::Loaded {
        Self::Loaded {
            issuer: stored.issuer,
            meter: stored.meter,
            replacement: stored.replacement,
            device: stored.device,
            register: stored.register,
            read_at: stored.read_at,
            minted: stored.minted,
            meter_count: stored.meter_count,
            sequence: stored.sequence,
        }
    }

    fn store(loaded: Self::Loaded) -> Self {
        Self {
            issuer: loaded.issuer.clone(),
            meter: loaded.meter.clone(),
            replacement: loaded.replacement.clone(),
            device: loaded.device.clone(),
            register: loaded.register,
            read_at: loaded.read_at,
            minted: loaded.minted,
            meter_count: loaded.meter_count,
            sequence: loaded.sequence,
        }
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

#[derive(Clone, Debug, Default)]
pub struct LoadedEnergyReported {
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

impl Mutable<LoadedEnergyReported> {
    fn __emit__(&self) {
        let e = self.borrow();

        emit!(EnergyReported {
            issuer: e.issuer.clone(),
            meter: e.meter.clone(),
            register: e.register,
            read_at: e.read_at,
            amount: e.amount,
            meter_minted: e.meter_minted,
            minted: e.minted,
            meter_count: e.meter_count,
            sequence: e.sequence
        })
    }
}

impl LoadedEnergyReported {
    pub fn __new__(
        issuer: Pubkey,
        meter: Pubkey,
        register: u64,
        read_at: i64,
        amount: u64,
        meter_minted: u64,
        minted: u64,
        meter_count: u64,
        sequence: u64,
    ) -> Mutable<Self> {
        let obj = LoadedEnergyReported {
            issuer,
            meter,
            register,
            read_at,
            amount,
            meter_minted,
            minted,
            meter_count,
            sequence,
        };

        return Mutable::new(obj);
    }
}

impl Loadable for EnergyReported {
    type Loaded = LoadedEnergyReported;

    fn load(stored: Self) -> Self::Loaded {
        Self::Loaded {
            issuer: stored.issuer,
            meter: stored.meter,
            register: stored.register,
            read_at: stored.read_at,
            amount: stored.amount,
            meter_minted: stored.meter_minted,
            minted: stored.minted,
            meter_count: stored.meter_count,
            sequence: stored.sequence,
        }
    }

    fn store(loaded: Self::Loaded) -> Self {
        Self {
            issuer: loaded.issuer.clone(),
            meter: loaded.meter.clone(),
            register: loaded.register,
            read_at: loaded.read_at,
            amount: loaded.amount,
            meter_minted: loaded.meter_minted,
            minted: loaded.minted,
            meter_count: loaded.meter_count,
            sequence: loaded.sequence,
        }
    }
}

#[account]
#[derive(Debug)]
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

impl<'info, 'entrypoint> Issuer {
    pub fn load(
        account: &'entrypoint mut Box<Account<'info, Self>>,
        programs_map: &'entrypoint ProgramsMap<'info>,
    ) -> Mutable<LoadedIssuer<'info, 'entrypoint>> {
        let creator = account.creator.clone();
        let authority = account.authority.clone();
        let pending_authority = account.pending_authority.clone();
        let mint = account.mint.clone();
        let minted = account.minted;
        let meter_count = account.meter_count;
        let sequence = account.sequence;
        let number = account.number;
        let resource = account.resource.clone();
        let paused = account.paused.clone();
        let bump = account.bump;

        Mutable::new(LoadedIssuer {
            __account__: account,
            __programs__: programs_map,
            creator,
            authority,
            pending_authority,
            mint,
            minted,
            meter_count,
            sequence,
            number,
            resource,
            paused,
            bump,
        })
    }

    pub fn store(loaded: Mutable<LoadedIssuer>) {
        let mut loaded = loaded.borrow_mut();
        let creator = loaded.creator.clone();

        loaded.__account__.creator = creator;

        let authority = loaded.authority.clone();

        loaded.__account__.authority = authority;

        let pending_authority = loaded.pending_authority.clone();

        loaded.__account__.pending_authority = pending_authority;

        let mint = loaded.mint.clone();

        loaded.__account__.mint = mint;

        let minted = loaded.minted;

        loaded.__account__.minted = minted;

        let meter_count = loaded.meter_count;

        loaded.__account__.meter_count = meter_count;

        let sequence = loaded.sequence;

        loaded.__account__.sequence = sequence;

        let number = loaded.number;

        loaded.__account__.number = number;

        let resource = loaded.resource.clone();

        loaded.__account__.resource = resource;

        let paused = loaded.paused.clone();

        loaded.__account__.paused = paused;

        let bump = loaded.bump;

        loaded.__account__.bump = bump;
    }
}

#[derive(Debug)]
pub struct LoadedIssuer<'info, 'entrypoint> {
    pub __account__: &'entrypoint mut Box<Account<'info, Issuer>>,
    pub __programs__: &'entrypoint ProgramsMap<'info>,
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

#[event]
pub struct IssuerInitialized {
    pub issuer: Pubkey,
    pub authority: Pubkey,
    pub mint: Pubkey,
    pub number: u8,
    pub resource: u8,
    pub minted: u64,
    pub meter_count: u64,
    pub sequence: u64,
}

#[derive(Clone, Debug, Default)]
pub struct LoadedIssuerInitialized {
    pub issuer: Pubkey,
    pub authority: Pubkey,
    pub mint: Pubkey,
    pub number: u8,
    pub resource: u8,
    pub minted: u64,
    pub meter_count: u64,
    pub sequence: u64,
}

impl Mutable<LoadedIssuerInitialized> {
    fn __emit__(&self) {
        let e = self.borrow();

        emit!(IssuerInitialized {
            issuer: e.issuer.clone(),
            authority: e.authority.clone(),
            mint: e.mint.clone(),
            number: e.number,
            resource: e.resource,
            minted: e.minted,
            meter_count: e.meter_count,
            sequence: e.sequence
        })
    }
}

impl LoadedIssuerInitialized {
    pub fn __new__(
        issuer: Pubkey,
        authority: Pubkey,
        mint: Pubkey,
        number: u8,
        resource: u8,
        minted: u64,
        meter_count: u64,
        sequence: u64,
    ) -> Mutable<Self> {
        let obj = LoadedIssuerInitialized {
            issuer,
            authority,
            mint,
            number,
            resource,
            minted,
            meter_count,
            sequence,
        };

        return Mutable::new(obj);
    }
}

impl Loadable for IssuerInitialized {
    type Loaded = LoadedIssuerInitialized;

    fn load(stored: Self) -> Self::Loaded {
        Self::Loaded {
            issuer: stored.issuer,
            authority: stored.authority,
            mint: stored.mint,
            number: stored.number,
            resource: stored.resource,
            minted: stored.minted,
            meter_count: stored.meter_count,
            sequence: stored.sequence,
        }
    }

    fn store(loaded: Self::Loaded) -> Self {
        Self {
            issuer: loaded.issuer.clone(),
            authority: loaded.authority.clone(),
            mint: loaded.mint.clone(),
            number: loaded.number,
            resource: loaded.resource,
            minted: loaded.minted,
            meter_count: loaded.meter_count,
            sequence: loaded.sequence,
        }
    }
}

#[event]
pub struct IssuerPaused {
    pub issuer: Pubkey,
    pub minted: u64,
    pub meter_count: u64,
    pub sequence: u64,
}

#[derive(Clone, Debug, Default)]
pub struct LoadedIssuerPaused {
    pub issuer: Pubkey,
    pub minted: u64,
    pub meter_count: u64,
    pub sequence: u64,
}

impl Mutable<LoadedIssuerPaused> {
    fn __emit__(&self) {
        let e = self.borrow();

        emit!(IssuerPaused {
            issuer: e.issuer.clone(),
            minted: e.minted,
            meter_count: e.meter_count,
            sequence: e.sequence
        })
    }
}

impl LoadedIssuerPaused {
    pub fn __new__(issuer: Pubkey, minted: u64, meter_count: u64, sequence: u64) -> Mutable<Self> {
        let obj = LoadedIssuerPaused {
            issuer,
            minted,
            meter_count,
            sequence,
        };

        return Mutable::new(obj);
    }
}

impl Loadable for IssuerPaused {
    type Loaded = LoadedIssuerPaused;

    fn load(stored: Self) -> Self::Loaded {
        Self::Loaded {
            issuer: stored.issuer,
            minted: stored.minted,
            meter_count: stored.meter_count,
            sequence: stored.sequence,
        }
    }

    fn store(loaded: Self::Loaded) -> Self {
        Self {
            issuer: loaded.issuer.clone(),
            minted: loaded.minted,
            meter_count: loaded.meter_count,
            sequence: loaded.sequence,
        }
    }
}

#[event]
pub struct IssuerResumed {
    pub issuer: Pubkey,
    pub minted: u64,
    pub meter_count: u64,
    pub sequence: u64,
}

#[derive(Clone, Debug, Default)]
pub struct LoadedIssuerResumed {
    pub issuer: Pubkey,
    pub minted: u64,
    pub meter_count: u64,
    pub sequence: u64,
}

impl Mutable<LoadedIssuerResumed> {
    fn __emit__(&self) {
        let e = self.borrow();

        emit!(IssuerResumed {
            issuer: e.issuer.clone(),
            minted: e.minted,
            meter_count: e.meter_count,
            sequence: e.sequence
        })
    }
}

impl LoadedIssuerResumed {
    pub fn __new__(issuer: Pubkey, minted: u64, meter_count: u64, sequence: u64) -> Mutable<Self> {
        let obj = LoadedIssuerResumed {
            issuer,
            minted,
            meter_count,
            sequence,
        };

        return Mutable::new(obj);
    }
}

impl Loadable for IssuerResumed {
    type Loaded = LoadedIssuerResumed;

    fn load(stored: Self) -> Self::Loaded {
        Self::Loaded {
            issuer: stored.issuer,
            minted: stored.minted,
            meter_count: stored.meter_count,
            sequence: stored.sequence,
        }
    }

    fn store(loaded: Self::Loaded) -> Self {
        Self {
            issuer: loaded.issuer.clone(),
            minted: loaded.minted,
            meter_count: loaded.meter_count,
            sequence: loaded.sequence,
        }
    }
}

#[account]
#[derive(Debug)]
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

impl<'info, 'entrypoint> Meter {
    pub fn load(
        account: &'entrypoint mut Box<Account<'info, Self>>,
        programs_map: &'entrypoint ProgramsMap<'info>,
    ) -> Mutable<LoadedMeter<'info, 'entrypoint>> {
        let issuer = account.issuer.clone();
        let device = account.device.clone();
        let owner = account.owner.clone();
        let rated_power = account.rated_power;
        let register = account.register;
        let read_at = account.read_at;
        let minted = account.minted;
        let retired = account.retired.clone();

        Mutable::new(LoadedMeter {
            __account__: account,
            __programs__: programs_map,
            issuer,
            device,
            owner,
            rated_power,
            register,
            read_at,
            minted,
            retired,
        })
    }

    pub fn store(loaded: Mutable<LoadedMeter>) {
        let mut loaded = loaded.borrow_mut();
        let issuer = loaded.issuer.clone();

        loaded.__account__.issuer = issuer;

        let device = loaded.device.clone();

        loaded.__account__.device = device;

        let owner = loaded.owner.clone();

        loaded.__account__.owner = owner;

        let rated_power = loaded.rated_power;

        loaded.__account__.rated_power = rated_power;

        let register = loaded.register;

        loaded.__account__.register = register;

        let read_at = loaded.read_at;

        loaded.__account__.read_at = read_at;

        let minted = loaded.minted;

        loaded.__account__.minted = minted;

        let retired = loaded.retired.clone();

        loaded.__account__.retired = retired;
    }
}

#[derive(Debug)]
pub struct LoadedMeter<'info, 'entrypoint> {
    pub __account__: &'entrypoint mut Box<Account<'info, Meter>>,
    pub __programs__: &'entrypoint ProgramsMap<'info>,
    pub issuer: Pubkey,
    pub device: Pubkey,
    pub owner: Pubkey,
    pub rated_power: u64,
    pub register: u64,
    pub read_at: i64,
    pub minted: u64,
    pub retired: bool,
}

#[event]
pub struct MeterRegistered {
    pub issuer: Pubkey,
    pub meter: Pubkey,
    pub device: Pubkey,
    pub owner: Pubkey,
    pub rated_power: u64,
    pub register: u64,
    pub read_at: i64,
    pub minted: u64,
    pub meter_count: u64,
    pub sequence: u64,
}

#[derive(Clone, Debug, Default)]
pub struct LoadedMeterRegistered {
    pub issuer: Pubkey,
    pub meter: Pubkey,
    pub device: Pubkey,
    pub owner: Pubkey,
    pub rated_power: u64,
    pub register: u64,
    pub read_at: i64,
    pub minted: u64,
    pub meter_count: u64,
    pub sequence: u64,
}

impl Mutable<LoadedMeterRegistered> {
    fn __emit__(&self) {
        let e = self.borrow();

        emit!(MeterRegistered {
            issuer: e.issuer.clone(),
            meter: e.meter.clone(),
            device: e.device.clone(),
            owner: e.owner.clone(),
            rated_power: e.rated_power,
            register: e.register,
            read_at: e.read_at,
            minted: e.minted,
            meter_count: e.meter_count,
            sequence: e.sequence
        })
    }
}

impl LoadedMeterRegistered {
    pub fn __new__(
        issuer: Pubkey,
        meter: Pubkey,
        device: Pubkey,
        owner: Pubkey,
        rated_power: u64,
        register: u64,
        read_at: i64,
        minted: u64,
        meter_count: u64,
        sequence: u64,
    ) -> Mutable<Self> {
        let obj = LoadedMeterRegistered {
            issuer,
            meter,
            device,
            owner,
            rated_power,
            register,
            read_at,
            minted,
            meter_count,
            sequence,
        };

        return Mutable::new(obj);
    }
}

impl Loadable for MeterRegistered {
    type Loaded = LoadedMeterRegistered;

    fn load(stored: Self) -> Self::Loaded {
        Self::Loaded {
            issuer: stored.issuer,
            meter: stored.meter,
            device: stored.device,
            owner: stored.owner,
            rated_power: stored.rated_power,
            register: stored.register,
            read_at: stored.read_at,
            minted: stored.minted,
            meter_count: stored.meter_count,
            sequence: stored.sequence,
        }
    }

    fn store(loaded: Self::Loaded) -> Self {
        Self {
            issuer: loaded.issuer.clone(),
            meter: loaded.meter.clone(),
            device: loaded.device.clone(),
            owner: loaded.owner.clone(),
            rated_power: loaded.rated_power,
            register: loaded.register,
            read_at: loaded.read_at,
            minted: loaded.minted,
            meter_count: loaded.meter_count,
            sequence: loaded.sequence,
        }
    }
}

#[event]
pub struct MeterRetired {
    pub issuer: Pubkey,
    pub meter: Pubkey,
    pub minted: u64,
    pub meter_count: u64,
    pub sequence: u64,
}

#[derive(Clone, Debug, Default)]
pub struct LoadedMeterRetired {
    pub issuer: Pubkey,
    pub meter: Pubkey,
    pub minted: u64,
    pub meter_count: u64,
    pub sequence: u64,
}

impl Mutable<LoadedMeterRetired> {
    fn __emit__(&self) {
        let e = self.borrow();

        emit!(MeterRetired {
            issuer: e.issuer.clone(),
            meter: e.meter.clone(),
            minted: e.minted,
            meter_count: e.meter_count,
            sequence: e.sequence
        })
    }
}

impl LoadedMeterRetired {
    pub fn __new__(
        issuer: Pubkey,
        meter: Pubkey,
        minted: u64,
        meter_count: u64,
        sequence: u64,
    ) -> Mutable<Self> {
        let obj = LoadedMeterRetired {
            issuer,
            meter,
            minted,
            meter_count,
            sequence,
        };

        return Mutable::new(obj);
    }
}

impl Loadable for MeterRetired {
    type Loaded = LoadedMeterRetired;

    fn load(stored: Self) -> Self::Loaded {
        Self::Loaded {
            issuer: stored.issuer,
            meter: stored.meter,
            minted: stored.minted,
            meter_count: stored.meter_count,
            sequence: stored.sequence,
        }
    }

    fn store(loaded: Self::Loaded) -> Self {
        Self {
            issuer: loaded.issuer.clone(),
            meter: loaded.meter.clone(),
            minted: loaded.minted,
            meter_count: loaded.meter_count,
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
    mut issuer: Mutable<LoadedIssuer<'info, '_>>,
) -> () {
    if !(issuer.borrow().pending_authority != issuer.borrow().authority) {
        panic!("no new authority is proposed");
    }

    if !(issuer.borrow().pending_authority == authority.key()) {
        panic!("signer is not the proposed authority");
    }

    assign!(issuer.borrow_mut().authority, authority.key());

    assign!(issuer.borrow_mut().sequence, issuer.borrow().sequence + 1);

    let mut event = <Loaded!(AuthorityAccepted)>::__new__(
        issuer.borrow().__account__.key(),
        authority.key(),
        issuer.borrow().minted.clone(),
        issuer.borrow().meter_count.clone(),
        issuer.borrow().sequence.clone(),
    );

    event.__emit__();
}

pub fn assert_authority<'info>(
    mut issuer: Mutable<LoadedIssuer<'info, '_>>,
    mut authority: SeahorseSigner<'info, '_>,
) -> () {
    if !(issuer.borrow().authority == authority.key()) {
        panic!("signer is not the authority");
    }
}

pub fn assert_in_service<'info>(
    mut meter: Mutable<LoadedMeter<'info, '_>>,
    mut issuer: Mutable<LoadedIssuer<'info, '_>>,
) -> () {
    if !(meter.borrow().issuer == issuer.borrow().__account__.key()) {
        panic!("meter belongs to another issuer");
    }

    if !(!meter.borrow().retired) {
        panic!("meter is retired");
    }
}

pub fn assert_not_paused<'info>(mut issuer: Mutable<LoadedIssuer<'info, '_>>) -> () {
    if !(!issuer.borrow().paused) {
        panic!("issuer is paused");
    }
}

pub fn assert_rated_power(mut rated_power: u64) -> () {
    if !(rated_power > 0) {
        panic!("rated power must be positive");
    }

    if !(rated_power <= MAX_RATED_POWER!()) {
        panic!("rated power exceeds a gigawatt");
    }
}

pub fn initialize_handler<'info>(
    mut authority: SeahorseSigner<'info, '_>,
    mut issuer: Empty<Mutable<LoadedIssuer<'info, '_>>>,
    mut mint: Empty<SeahorseAccount<'info, '_, Mint>>,
    mut resource: Resource,
    mut number: u8,
) -> () {
    let mut bump = issuer.bump.unwrap();
    let mut issuer = issuer.account.clone();
    let mut mint = mint.account.clone();

    assign!(issuer.borrow_mut().creator, authority.key());

    assign!(issuer.borrow_mut().authority, authority.key());

    assign!(issuer.borrow_mut().pending_authority, authority.key());

    assign!(issuer.borrow_mut().mint, mint.key());

    assign!(issuer.borrow_mut().sequence, 1);

    assign!(issuer.borrow_mut().number, number);

    assign!(issuer.borrow_mut().resource, resource);

    assign!(issuer.borrow_mut().bump, bump);

    let mut event = <Loaded!(IssuerInitialized)>::__new__(
        issuer.borrow().__account__.key(),
        authority.key(),
        mint.key(),
        number.clone(),
        resource_code(resource.clone()),
        issuer.borrow().minted.clone(),
        issuer.borrow().meter_count.clone(),
        issuer.borrow().sequence.clone(),
    );

    event.__emit__();
}

pub fn is_within_rating(mut rise: u64, mut rated_power: u64, mut elapsed: i64) -> bool {
    let mut allowed = (<u128 as TryFrom<_>>::try_from(rated_power.clone()).unwrap()
        * <u128 as TryFrom<_>>::try_from(elapsed.clone()).unwrap())
        * <u128 as TryFrom<_>>::try_from((BPS!() + TOLERANCE_BPS!())).unwrap();

    return ((<u128 as TryFrom<_>>::try_from(rise.clone()).unwrap() * SECONDS_PER_HOUR!())
        * BPS!())
        <= allowed;
}

pub fn pause_handler<'info>(
    mut authority: SeahorseSigner<'info, '_>,
    mut issuer: Mutable<LoadedIssuer<'info, '_>>,
) -> () {
    assert_authority(issuer.clone(), authority.clone());

    assert_not_paused(issuer.clone());

    assign!(issuer.borrow_mut().paused, true);

    assign!(issuer.borrow_mut().sequence, issuer.borrow().sequence + 1);

    let mut event = <Loaded!(IssuerPaused)>::__new__(
        issuer.borrow().__account__.key(),
        issuer.borrow().minted.clone(),
        issuer.borrow().meter_count.clone(),
        issuer.borrow().sequence.clone(),
    );

    event.__emit__();
}

pub fn propose_authority_handler<'info>(
    mut authority: SeahorseSigner<'info, '_>,
    mut issuer: Mutable<LoadedIssuer<'info, '_>>,
    mut proposed: Pubkey,
) -> () {
    assert_authority(issuer.clone(), authority.clone());

    assign!(issuer.borrow_mut().pending_authority, proposed);

    assign!(issuer.borrow_mut().sequence, issuer.borrow().sequence + 1);

    let mut event = <Loaded!(AuthorityProposed)>::__new__(
        issuer.borrow().__account__.key(),
        proposed.clone(),
        issuer.borrow().minted.clone(),
        issuer.borrow().meter_count.clone(),
        issuer.borrow().sequence.clone(),
    );

    event.__emit__();
}

pub fn register_meter_handler<'info>(
    mut authority: SeahorseSigner<'info, '_>,
    mut issuer: Mutable<LoadedIssuer<'info, '_>>,
    mut meter: Empty<Mutable<LoadedMeter<'info, '_>>>,
    mut clock: Sysvar<'info, Clock>,
    mut device: Pubkey,
    mut owner: Pubkey,
    mut rated_power: u64,
    mut register: u64,
) -> () {
    assert_authority(issuer.clone(), authority.clone());

    assert_rated_power(rated_power.clone());

    let mut meter = meter.account.clone();

    assign!(meter.borrow_mut().issuer, issuer.borrow().__account__.key());

    assign!(meter.borrow_mut().device, device);

    assign!(meter.borrow_mut().owner, owner);

    assign!(meter.borrow_mut().rated_power, rated_power);

    assign!(meter.borrow_mut().register, register);

    assign!(meter.borrow_mut().read_at, clock.unix_timestamp);

    assign!(
        issuer.borrow_mut().meter_count,
        issuer.borrow().meter_count + 1
    );

    assign!(issuer.borrow_mut().sequence, issuer.borrow().sequence + 1);

    let mut event = <Loaded!(MeterRegistered)>::__new__(
        issuer.borrow().__account__.key(),
        meter.borrow().__account__.key(),
        device.clone(),
        owner.clone(),
        rated_power.clone(),
        register.clone(),
        meter.borrow().read_at.clone(),
        issuer.borrow().minted.clone(),
        issuer.borrow().meter_count.clone(),
        issuer.borrow().sequence.clone(),
    );

    event.__emit__();
}

pub fn replace_device_handler<'info>(
    mut authority: SeahorseSigner<'info, '_>,
    mut issuer: Mutable<LoadedIssuer<'info, '_>>,
    mut meter: Mutable<LoadedMeter<'info, '_>>,
    mut replacement: Empty<Mutable<LoadedMeter<'info, '_>>>,
    mut clock: Sysvar<'info, Clock>,
    mut device: Pubkey,
    mut register: u64,
) -> () {
    assert_authority(issuer.clone(), authority.clone());

    assert_in_service(meter.clone(), issuer.clone());

    let mut replacement = replacement.account.clone();

    assign!(
        replacement.borrow_mut().issuer,
        issuer.borrow().__account__.key()
    );

    assign!(replacement.borrow_mut().device, device);

    assign!(replacement.borrow_mut().owner, meter.borrow().owner);

    assign!(
        replacement.borrow_mut().rated_power,
        meter.borrow().rated_power
    );

    assign!(replacement.borrow_mut().register, register);

    assign!(replacement.borrow_mut().read_at, clock.unix_timestamp);

    assign!(meter.borrow_mut().retired, true);

    assign!(
        issuer.borrow_mut().meter_count,
        issuer.borrow().meter_count + 1
    );

    assign!(issuer.borrow_mut().sequence, issuer.borrow().sequence + 1);

    let mut event = <Loaded!(DeviceReplaced)>::__new__(
        issuer.borrow().__account__.key(),
        meter.borrow().__account__.key(),
        replacement.borrow().__account__.key(),
        device.clone(),
        register.clone(),
        replacement.borrow().read_at.clone(),
        issuer.borrow().minted.clone(),
        issuer.borrow().meter_count.clone(),
        issuer.borrow().sequence.clone(),
    );

    event.__emit__();
}

pub fn report_handler<'info>(
    mut device: SeahorseSigner<'info, '_>,
    mut issuer: Mutable<LoadedIssuer<'info, '_>>,
    mut meter: Mutable<LoadedMeter<'info, '_>>,
    mut mint: SeahorseAccount<'info, '_, Mint>,
    mut destination: SeahorseAccount<'info, '_, TokenAccount>,
    mut clock: Sysvar<'info, Clock>,
    mut register: u64,
    mut read_at: i64,
) -> () {
    assert_not_paused(issuer.clone());

    assert_in_service(meter.clone(), issuer.clone());

    if !(meter.borrow().device == device.key()) {
        panic!("signer is not the device of the meter");
    }

    if !(mint.key() == issuer.borrow().mint) {
        panic!("mint is not of this issuer");
    }

    if !(destination.mint == issuer.borrow().mint) {
        panic!("destination holds another mint");
    }

    if !(destination.owner == meter.borrow().owner) {
        panic!("destination belongs to another owner");
    }

    if !(read_at <= clock.unix_timestamp) {
        panic!("reading is in the future");
    }

    if !(read_at > meter.borrow().read_at) {
        panic!("reading is not newer than the latest");
    }

    if !(register >= meter.borrow().register) {
        panic!("register has fallen");
    }

    let mut rise = register - meter.borrow().register;
    let mut within_rating = is_within_rating(
        rise.clone(),
        meter.borrow().rated_power.clone(),
        (read_at - meter.borrow().read_at),
    );

    if !within_rating {
        panic!("register has risen faster than the rated power");
    }

    assign!(meter.borrow_mut().register, register);

    assign!(meter.borrow_mut().read_at, read_at);

    assign!(meter.borrow_mut().minted, meter.borrow().minted + rise);

    assign!(issuer.borrow_mut().minted, issuer.borrow().minted + rise);

    assign!(issuer.borrow_mut().sequence, issuer.borrow().sequence + 1);

    if rise > 0 {
        let mut creator = issuer.borrow().creator;
        let mut number = issuer.borrow().number;
        let mut bump = issuer.borrow().bump;

        token::mint_to(
            CpiContext::new_with_signer(
                mint.programs.get("token_program"),
                token::MintTo {
                    mint: mint.to_account_info(),
                    authority: issuer.borrow().__account__.to_account_info(),
                    to: destination.clone().to_account_info(),
                },
                &[Mutable::new(vec![
                    "issuer".to_string().as_bytes().as_ref(),
                    creator.as_ref(),
                    number.to_le_bytes().as_ref(),
                    bump.to_le_bytes().as_ref(),
                ])
                .borrow()
                .as_slice()],
            ),
            rise.clone(),
        )
        .unwrap();
    }

    let mut event = <Loaded!(EnergyReported)>::__new__(
        issuer.borrow().__account__.key(),
        meter.borrow().__account__.key(),
        register.clone(),
        read_at.clone(),
        rise.clone(),
        meter.borrow().minted.clone(),
        issuer.borrow().minted.clone(),
        issuer.borrow().meter_count.clone(),
        issuer.borrow().sequence.clone(),
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
    mut issuer: Mutable<LoadedIssuer<'info, '_>>,
) -> () {
    assert_authority(issuer.clone(), authority.clone());

    if !issuer.borrow().paused {
        panic!("issuer is not paused");
    }

    assign!(issuer.borrow_mut().paused, false);

    assign!(issuer.borrow_mut().sequence, issuer.borrow().sequence + 1);

    let mut event = <Loaded!(IssuerResumed)>::__new__(
        issuer.borrow().__account__.key(),
        issuer.borrow().minted.clone(),
        issuer.borrow().meter_count.clone(),
        issuer.borrow().sequence.clone(),
    );

    event.__emit__();
}

pub fn retire_meter_handler<'info>(
    mut authority: SeahorseSigner<'info, '_>,
    mut issuer: Mutable<LoadedIssuer<'info, '_>>,
    mut meter: Mutable<LoadedMeter<'info, '_>>,
) -> () {
    assert_authority(issuer.clone(), authority.clone());

    assert_in_service(meter.clone(), issuer.clone());

    assign!(meter.borrow_mut().retired, true);

    assign!(issuer.borrow_mut().sequence, issuer.borrow().sequence + 1);

    let mut event = <Loaded!(MeterRetired)>::__new__(
        issuer.borrow().__account__.key(),
        meter.borrow().__account__.key(),
        issuer.borrow().minted.clone(),
        issuer.borrow().meter_count.clone(),
        issuer.borrow().sequence.clone(),
    );

    event.__emit__();
}

pub fn return_rent_handler<'info>(
    mut authority: SeahorseSigner<'info, '_>,
    mut issuer: Mutable<LoadedIssuer<'info, '_>>,
    mut meter: Mutable<LoadedMeter<'info, '_>>,
    mut amount: u64,
) -> () {
    assert_authority(issuer.clone(), authority.clone());

    if !(meter.borrow().issuer == issuer.borrow().__account__.key()) {
        panic!("meter belongs to another issuer");
    }

    {
        use anchor_lang::Lamports as _;

        let amount = amount.clone();

        meter.borrow().__account__.sub_lamports(amount).unwrap();

        authority.clone().add_lamports(amount).unwrap();
    };

    {
        use anchor_lang::Lamports as _;

        let amount = 1;

        meter.borrow().__account__.sub_lamports(amount).unwrap();

        meter.borrow().__account__.add_lamports(amount).unwrap();
    };
}
