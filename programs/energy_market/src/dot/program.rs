#![allow(unused_imports)]
#![allow(unused_variables)]
#![allow(unused_mut)]
use crate::{id, seahorse_util::*};
use anchor_lang::{prelude::*, solana_program};
use anchor_spl::token::{self, Mint, Token, TokenAccount};
use std::{cell::RefCell, rc::Rc};

seahorse_const! { BPS , 10000 }

seahorse_const! { CLEARING_PERIOD , 86400 }

seahorse_const! { DECIMALS , 3 }

seahorse_const! { MAX_AHEAD , 31536000 }

seahorse_const! { MAX_AMOUNT , 1000000000000 }

seahorse_const! { MAX_FEE_BPS , 500 }

seahorse_const! { MAX_GATE_CLOSURE , 604800 }

seahorse_const! { MAX_INTERVAL , 86400 }

seahorse_const! { MIN_INTERVAL , 60 }

seahorse_const! { UNITS_PER_PRICE , 1000 }

#[account]
#[derive(Debug)]
pub struct Auction {
    pub market: Pubkey,
    pub starts_at: i64,
    pub closes_at: i64,
    pub order_count: u64,
    pub settled_count: u64,
    pub price: u64,
    pub volume: u64,
    pub bids_at_price: u64,
    pub bids_at_price_filled: u64,
    pub bids_at_price_settled: u64,
    pub offers_at_price: u64,
    pub offers_at_price_filled: u64,
    pub offers_at_price_settled: u64,
    pub received: u64,
    pub paid: u64,
    pub fee_bps: u16,
    pub cleared: bool,
}

impl<'info, 'entrypoint> Auction {
    pub fn load(
        account: &'entrypoint mut Box<Account<'info, Self>>,
        programs_map: &'entrypoint ProgramsMap<'info>,
    ) -> Mutable<LoadedAuction<'info, 'entrypoint>> {
        let market = account.market.clone();
        let starts_at = account.starts_at;
        let closes_at = account.closes_at;
        let order_count = account.order_count;
        let settled_count = account.settled_count;
        let price = account.price;
        let volume = account.volume;
        let bids_at_price = account.bids_at_price;
        let bids_at_price_filled = account.bids_at_price_filled;
        let bids_at_price_settled = account.bids_at_price_settled;
        let offers_at_price = account.offers_at_price;
        let offers_at_price_filled = account.offers_at_price_filled;
        let offers_at_price_settled = account.offers_at_price_settled;
        let received = account.received;
        let paid = account.paid;
        let fee_bps = account.fee_bps;
        let cleared = account.cleared.clone();

        Mutable::new(LoadedAuction {
            __account__: account,
            __programs__: programs_map,
            market,
            starts_at,
            closes_at,
            order_count,
            settled_count,
            price,
            volume,
            bids_at_price,
            bids_at_price_filled,
            bids_at_price_settled,
            offers_at_price,
            offers_at_price_filled,
            offers_at_price_settled,
            received,
            paid,
            fee_bps,
            cleared,
        })
    }

    pub fn store(loaded: Mutable<LoadedAuction>) {
        let mut loaded = loaded.borrow_mut();
        let market = loaded.market.clone();

        loaded.__account__.market = market;

        let starts_at = loaded.starts_at;

        loaded.__account__.starts_at = starts_at;

        let closes_at = loaded.closes_at;

        loaded.__account__.closes_at = closes_at;

        let order_count = loaded.order_count;

        loaded.__account__.order_count = order_count;

        let settled_count = loaded.settled_count;

        loaded.__account__.settled_count = settled_count;

        let price = loaded.price;

        loaded.__account__.price = price;

        let volume = loaded.volume;

        loaded.__account__.volume = volume;

        let bids_at_price = loaded.bids_at_price;

        loaded.__account__.bids_at_price = bids_at_price;

        let bids_at_price_filled = loaded.bids_at_price_filled;

        loaded.__account__.bids_at_price_filled = bids_at_price_filled;

        let bids_at_price_settled = loaded.bids_at_price_settled;

        loaded.__account__.bids_at_price_settled = bids_at_price_settled;

        let offers_at_price = loaded.offers_at_price;

        loaded.__account__.offers_at_price = offers_at_price;

        let offers_at_price_filled = loaded.offers_at_price_filled;

        loaded.__account__.offers_at_price_filled = offers_at_price_filled;

        let offers_at_price_settled = loaded.offers_at_price_settled;

        loaded.__account__.offers_at_price_settled = offers_at_price_settled;

        let received = loaded.received;

        loaded.__account__.received = received;

        let paid = loaded.paid;

        loaded.__account__.paid = paid;

        let fee_bps = loaded.fee_bps;

        loaded.__account__.fee_bps = fee_bps;

        let cleared = loaded.cleared.clone();

        loaded.__account__.cleared = cleared;
    }
}

#[derive(Debug)]
pub struct LoadedAuction<'info, 'entrypoint> {
    pub __account__: &'entrypoint mut Box<Account<'info, Auction>>,
    pub __programs__: &'entrypoint ProgramsMap<'info>,
    pub market: Pubkey,
    pub starts_at: i64,
    pub closes_at: i64,
    pub order_count: u64,
    pub settled_count: u64,
    pub price: u64,
    pub volume: u64,
    pub bids_at_price: u64,
    pub bids_at_price_filled: u64,
    pub bids_at_price_settled: u64,
    pub offers_at_price: u64,
    pub offers_at_price_filled: u64,
    pub offers_at_price_settled: u64,
    pub received: u64,
    pub paid: u64,
    pub fee_bps: u16,
    pub cleared: bool,
}

#[event]
pub struct AuctionCleared {
    pub market: Pubkey,
    pub auction: Pubkey,
    pub price: u64,
    pub volume: u64,
    pub bids_at_price: u64,
    pub bids_at_price_filled: u64,
    pub offers_at_price: u64,
    pub offers_at_price_filled: u64,
    pub energy_held: u64,
    pub payment_held: u64,
    pub sequence: u64,
}

#[derive(Clone, Debug, Default)]
pub struct LoadedAuctionCleared {
    pub market: Pubkey,
    pub auction: Pubkey,
    pub price: u64,
    pub volume: u64,
    pub bids_at_price: u64,
    pub bids_at_price_filled: u64,
    pub offers_at_price: u64,
    pub offers_at_price_filled: u64,
    pub energy_held: u64,
    pub payment_held: u64,
    pub sequence: u64,
}

impl Mutable<LoadedAuctionCleared> {
    fn __emit__(&self) {
        let e = self.borrow();

        emit!(AuctionCleared {
            market: e.market.clone(),
            auction: e.auction.clone(),
            price: e.price,
            volume: e.volume,
            bids_at_price: e.bids_at_price,
            bids_at_price_filled: e.bids_at_price_filled,
            offers_at_price: e.offers_at_price,
            offers_at_price_filled: e.offers_at_price_filled,
            energy_held: e.energy_held,
            payment_held: e.payment_held,
            sequence: e.sequence
        })
    }
}

impl LoadedAuctionCleared {
    pub fn __new__(
        market: Pubkey,
        auction: Pubkey,
        price: u64,
        volume: u64,
        bids_at_price: u64,
        bids_at_price_filled: u64,
        offers_at_price: u64,
        offers_at_price_filled: u64,
        energy_held: u64,
        payment_held: u64,
        sequence: u64,
    ) -> Mutable<Self> {
        let obj = LoadedAuctionCleared {
            market,
            auction,
            price,
            volume,
            bids_at_price,
            bids_at_price_filled,
            offers_at_price,
            offers_at_price_filled,
            energy_held,
            payment_held,
            sequence,
        };

        return Mutable::new(obj);
    }
}

impl Loadable for AuctionCleared {
    type Loaded = LoadedAuctionCleared;

    fn load(stored: Self) -> Self::Loaded {
        Self::Loaded {
            market: stored.market,
            auction: stored.auction,
            price: stored.price,
            volume: stored.volume,
            bids_at_price: stored.bids_at_price,
            bids_at_price_filled: stored.bids_at_price_filled,
            offers_at_price: stored.offers_at_price,
            offers_at_price_filled: stored.offers_at_price_filled,
            energy_held: stored.energy_held,
            payment_held: stored.payment_held,
            sequence: stored.sequence,
        }
    }

    fn store(loaded: Self::Loaded) -> Self {
        Self {
            market: loaded.market.clone(),
            auction: loaded.auction.clone(),
            price: loaded.price,
            volume: loaded.volume,
            bids_at_price: loaded.bids_at_price,
            bids_at_price_filled: loaded.bids_at_price_filled,
            offers_at_price: loaded.offers_at_price,
            offers_at_price_filled: loaded.offers_at_price_filled,
            energy_held: loaded.energy_held,
            payment_held: loaded.payment_held,
            sequence: loaded.sequence,
        }
    }
}

#[event]
pub struct AuctionOpened {
    pub market: Pubkey,
    pub auction: Pubkey,
    pub starts_at: i64,
    pub closes_at: i64,
    pub fee_bps: u16,
    pub energy_held: u64,
    pub payment_held: u64,
    pub sequence: u64,
}

#[derive(Clone, Debug, Default)]
pub struct LoadedAuctionOpened {
    pub market: Pubkey,
    pub auction: Pubkey,
    pub starts_at: i64,
    pub closes_at: i64,
    pub fee_bps: u16,
    pub energy_held: u64,
    pub payment_held: u64,
    pub sequence: u64,
}

impl Mutable<LoadedAuctionOpened> {
    fn __emit__(&self) {
        let e = self.borrow();

        emit!(AuctionOpened {
            market: e.market.clone(),
            auction: e.auction.clone(),
            starts_at: e.starts_at,
            closes_at: e.closes_at,
            fee_bps: e.fee_bps,
            energy_held: e.energy_held,
            payment_held: e.payment_held,
            sequence: e.sequence
        })
    }
}

impl LoadedAuctionOpened {
    pub fn __new__(
        market: Pubkey,
        auction: Pubkey,
        starts_at: i64,
        closes_at: i64,
        fee_bps: u16,
        energy_held: u64,
        payment_held: u64,
        sequence: u64,
    ) -> Mutable<Self> {
        let obj = LoadedAuctionOpened {
            market,
            auction,
            starts_at,
            closes_at,
            fee_bps,
            energy_held,
            payment_held,
            sequence,
        };

        return Mutable::new(obj);
    }
}

impl Loadable for AuctionOpened {
    type Loaded = LoadedAuctionOpened;

    fn load(stored: Self) -> Self::Loaded {
        Self::Loaded {
            market: stored.market,
            auction: stored.auction,
            starts_at: stored.starts_at,
            closes_at: stored.closes_at,
            fee_bps: stored.fee_bps,
            energy_held: stored.energy_held,
            payment_held: stored.payment_held,
            sequence: stored.sequence,
        }
    }

    fn store(loaded: Self::Loaded) -> Self {
        Self {
            market: loaded.market.clone(),
            auction: loaded.auction.clone(),
            starts_at: loaded.starts_at,
            closes_at: loaded.closes_at,
            fee_bps: loaded.fee_bps,
            energy_held: loaded.energy_held,
            payment_held: loaded.payment_held,
            sequence: loaded.sequence,
        }
    }
}

#[event]
pub struct AuthorityAccepted {
    pub market: Pubkey,
    pub authority: Pubkey,
    pub energy_held: u64,
    pub payment_held: u64,
    pub sequence: u64,
}

#[derive(Clone, Debug, Default)]
pub struct LoadedAuthorityAccepted {
    pub market: Pubkey,
    pub authority: Pubkey,
    pub energy_held: u64,
    pub payment_held: u64,
    pub sequence: u64,
}

impl Mutable<LoadedAuthorityAccepted> {
    fn __emit__(&self) {
        let e = self.borrow();

        emit!(AuthorityAccepted {
            market: e.market.clone(),
            authority: e.authority.clone(),
            energy_held: e.energy_held,
            payment_held: e.payment_held,
            sequence: e.sequence
        })
    }
}

impl LoadedAuthorityAccepted {
    pub fn __new__(
        market: Pubkey,
        authority: Pubkey,
        energy_held: u64,
        payment_held: u64,
        sequence: u64,
    ) -> Mutable<Self> {
        let obj = LoadedAuthorityAccepted {
            market,
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
            market: stored.market,
            authority: stored.authority,
            energy_held: stored.energy_held,
            payment_held: stored.payment_held,
            sequence: stored.sequence,
        }
    }

    fn store(loaded: Self::Loaded) -> Self {
        Self {
            market: loaded.market.clone(),
            authority: loaded.authority.clone(),
            energy_held: loaded.energy_held,
            payment_held: loaded.payment_held,
            sequence: loaded.sequence,
        }
    }
}

#[event]
pub struct AuthorityProposed {
    pub market: Pubkey,
    pub proposed: Pubkey,
    pub energy_held: u64,
    pub payment_held: u64,
    pub sequence: u64,
}

#[derive(Clone, Debug, Default)]
pub struct LoadedAuthorityProposed {
    pub market: Pubkey,
    pub proposed: Pubkey,
    pub energy_held: u64,
    pub payment_held: u64,
    pub sequence: u64,
}

impl Mutable<LoadedAuthorityProposed> {
    fn __emit__(&self) {
        let e = self.borrow();

        emit!(AuthorityProposed {
            market: e.market.clone(),
            proposed: e.proposed.clone(),
            energy_held: e.energy_held,
            payment_held: e.payment_held,
            sequence: e.sequence
        })
    }
}

impl LoadedAuthorityProposed {
    pub fn __new__(
        market: Pubkey,
        proposed: Pubkey,
        energy_held: u64,
        payment_held: u64,
        sequence: u64,
    ) -> Mutable<Self> {
        let obj = LoadedAuthorityProposed {
            market,
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
            market: stored.market,
            proposed: stored.proposed,
            energy_held: stored.energy_held,
            payment_held: stored.payment_held,
            sequence: stored.sequence,
        }
    }

    fn store(loaded: Self::Loaded) -> Self {
        Self {
            market: loaded.market.clone(),
            proposed: loaded.proposed.clone(),
            energy_held: loaded.energy_held,
            payment_held: loaded.payment_held,
            sequence: loaded.sequence,
        }
    }
}

#[account]
#[derive(Debug)]
pub struct Clearing {
    pub market: Pubkey,
    pub owner: Pubkey,
    pub auction: Pubkey,
    pub price: u64,
    pub counted: u64,
    pub demand_above: u64,
    pub demand_at: u64,
    pub supply_below: u64,
    pub supply_at: u64,
    pub price_below: u64,
    pub price_above: u64,
}

impl<'info, 'entrypoint> Clearing {
    pub fn load(
        account: &'entrypoint mut Box<Account<'info, Self>>,
        programs_map: &'entrypoint ProgramsMap<'info>,
    ) -> Mutable<LoadedClearing<'info, 'entrypoint>> {
        let market = account.market.clone();
        let owner = account.owner.clone();
        let auction = account.auction.clone();
        let price = account.price;
        let counted = account.counted;
        let demand_above = account.demand_above;
        let demand_at = account.demand_at;
        let supply_below = account.supply_below;
        let supply_at = account.supply_at;
        let price_below = account.price_below;
        let price_above = account.price_above;

        Mutable::new(LoadedClearing {
            __account__: account,
            __programs__: programs_map,
            market,
            owner,
            auction,
            price,
            counted,
            demand_above,
            demand_at,
            supply_below,
            supply_at,
            price_below,
            price_above,
        })
    }

    pub fn store(loaded: Mutable<LoadedClearing>) {
        let mut loaded = loaded.borrow_mut();
        let market = loaded.market.clone();

        loaded.__account__.market = market;

        let owner = loaded.owner.clone();

        loaded.__account__.owner = owner;

        let auction = loaded.auction.clone();

        loaded.__account__.auction = auction;

        let price = loaded.price;

        loaded.__account__.price = price;

        let counted = loaded.counted;

        loaded.__account__.counted = counted;

        let demand_above = loaded.demand_above;

        loaded.__account__.demand_above = demand_above;

        let demand_at = loaded.demand_at;

        loaded.__account__.demand_at = demand_at;

        let supply_below = loaded.supply_below;

        loaded.__account__.supply_below = supply_below;

        let supply_at = loaded.supply_at;

        loaded.__account__.supply_at = supply_at;

        let price_below = loaded.price_below;

        loaded.__account__.price_below = price_below;

        let price_above = loaded.price_above;

        loaded.__account__.price_above = price_above;
    }
}

#[derive(Debug)]
pub struct LoadedClearing<'info, 'entrypoint> {
    pub __account__: &'entrypoint mut Box<Account<'info, Clearing>>,
    pub __programs__: &'entrypoint ProgramsMap<'info>,
    pub market: Pubkey,
    pub owner: Pubkey,
    pub auction: Pubkey,
    pub price: u64,
    pub counted: u64,
    pub demand_above: u64,
    pub demand_at: u64,
    pub supply_below: u64,
    pub supply_at: u64,
    pub price_below: u64,
    pub price_above: u64,
}

#[event]
pub struct FeesCollected {
    pub market: Pubkey,
    pub amount: u64,
    pub energy_held: u64,
    pub payment_held: u64,
    pub sequence: u64,
}

#[derive(Clone, Debug, Default)]
pub struct LoadedFeesCollected {
    pub market: Pubkey,
    pub amount: u64,
    pub energy_held: u64,
    pub payment_held: u64,
    pub sequence: u64,
}

impl Mutable<LoadedFeesCollected> {
    fn __emit__(&self) {
        let e = self.borrow();

        emit!(FeesCollected {
            market: e.market.clone(),
            amount: e.amount,
            energy_held: e.energy_held,
            payment_held: e.payment_held,
            sequence: e.sequence
        })
    }
}

impl LoadedFeesCollected {
    pub fn __new__(
        market: Pubkey,
        amount: u64,
        energy_held: u64,
        payment_held: u64,
        sequence: u64,
    ) -> Mutable<Self> {
        let obj = LoadedFeesCollected {
            market,
            amount,
            energy_held,
            payment_held,
            sequence,
        };

        return Mutable::new(obj);
    }
}

impl Loadable for FeesCollected {
    type Loaded = LoadedFeesCollected;

    fn load(stored: Self) -> Self::Loaded {
        Self::Loaded {
            market: stored.market,
            amount: stored.amount,
            energy_held: stored.energy_held,
            payment_held: stored.payment_held,
            sequence: stored.sequence,
        }
    }

    fn store(loaded: Self::Loaded) -> Self {
        Self {
            market: loaded.market.clone(),
            amount: loaded.amount,
            energy_held: loaded.energy_held,
            payment_held: loaded.payment_held,
            sequence: loaded.sequence,
        }
    }
}

#[account]
#[derive(Debug)]
pub struct Market {
    pub creator: Pubkey,
    pub authority: Pubkey,
    pub pending_authority: Pubkey,
    pub energy_mint: Pubkey,
    pub payment_mint: Pubkey,
    pub energy_vault: Pubkey,
    pub payment_vault: Pubkey,
    pub energy_held: u64,
    pub payment_held: u64,
    pub fees: u64,
    pub minimum_order: u64,
    pub interval: i64,
    pub gate_closure: i64,
    pub sequence: u64,
    pub fee_bps: u16,
    pub paused: bool,
    pub bump: u8,
}

impl<'info, 'entrypoint> Market {
    pub fn load(
        account: &'entrypoint mut Box<Account<'info, Self>>,
        programs_map: &'entrypoint ProgramsMap<'info>,
    ) -> Mutable<LoadedMarket<'info, 'entrypoint>> {
        let creator = account.creator.clone();
        let authority = account.authority.clone();
        let pending_authority = account.pending_authority.clone();
        let energy_mint = account.energy_mint.clone();
        let payment_mint = account.payment_mint.clone();
        let energy_vault = account.energy_vault.clone();
        let payment_vault = account.payment_vault.clone();
        let energy_held = account.energy_held;
        let payment_held = account.payment_held;
        let fees = account.fees;
        let minimum_order = account.minimum_order;
        let interval = account.interval;
        let gate_closure = account.gate_closure;
        let sequence = account.sequence;
        let fee_bps = account.fee_bps;
        let paused = account.paused.clone();
        let bump = account.bump;

        Mutable::new(LoadedMarket {
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
            fees,
            minimum_order,
            interval,
            gate_closure,
            sequence,
            fee_bps,
            paused,
            bump,
        })
    }

    pub fn store(loaded: Mutable<LoadedMarket>) {
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

        let fees = loaded.fees;

        loaded.__account__.fees = fees;

        let minimum_order = loaded.minimum_order;

        loaded.__account__.minimum_order = minimum_order;

        let interval = loaded.interval;

        loaded.__account__.interval = interval;

        let gate_closure = loaded.gate_closure;

        loaded.__account__.gate_closure = gate_closure;

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
pub struct LoadedMarket<'info, 'entrypoint> {
    pub __account__: &'entrypoint mut Box<Account<'info, Market>>,
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
    pub fees: u64,
    pub minimum_order: u64,
    pub interval: i64,
    pub gate_closure: i64,
    pub sequence: u64,
    pub fee_bps: u16,
    pub paused: bool,
    pub bump: u8,
}

#[event]
pub struct MarketInitialized {
    pub market: Pubkey,
    pub authority: Pubkey,
    pub energy_mint: Pubkey,
    pub payment_mint: Pubkey,
    pub fee_bps: u16,
    pub minimum_order: u64,
    pub interval: i64,
    pub gate_closure: i64,
    pub energy_held: u64,
    pub payment_held: u64,
    pub sequence: u64,
}

#[derive(Clone, Debug, Default)]
pub struct LoadedMarketInitialized {
    pub market: Pubkey,
    pub authority: Pubkey,
    pub energy_mint: Pubkey,
    pub payment_mint: Pubkey,
    pub fee_bps: u16,
    pub minimum_order: u64,
    pub interval: i64,
    pub gate_closure: i64,
    pub energy_held: u64,
    pub payment_held: u64,
    pub sequence: u64,
}

impl Mutable<LoadedMarketInitialized> {
    fn __emit__(&self) {
        let e = self.borrow();

        emit!(MarketInitialized {
            market: e.market.clone(),
            authority: e.authority.clone(),
            energy_mint: e.energy_mint.clone(),
            payment_mint: e.payment_mint.clone(),
            fee_bps: e.fee_bps,
            minimum_order: e.minimum_order,
            interval: e.interval,
            gate_closure: e.gate_closure,
            energy_held: e.energy_held,
            payment_held: e.payment_held,
            sequence: e.sequence
        })
    }
}

impl LoadedMarketInitialized {
    pub fn __new__(
        market: Pubkey,
        authority: Pubkey,
        energy_mint: Pubkey,
        payment_mint: Pubkey,
        fee_bps: u16,
        minimum_order: u64,
        interval: i64,
        gate_closure: i64,
        energy_held: u64,
        payment_held: u64,
        sequence: u64,
    ) -> Mutable<Self> {
        let obj = LoadedMarketInitialized {
            market,
            authority,
            energy_mint,
            payment_mint,
            fee_bps,
            minimum_order,
            interval,
            gate_closure,
            energy_held,
            payment_held,
            sequence,
        };

        return Mutable::new(obj);
    }
}

impl Loadable for MarketInitialized {
    type Loaded = LoadedMarketInitialized;

    fn load(stored: Self) -> Self::Loaded {
        Self::Loaded {
            market: stored.market,
            authority: stored.authority,
            energy_mint: stored.energy_mint,
            payment_mint: stored.payment_mint,
            fee_bps: stored.fee_bps,
            minimum_order: stored.minimum_order,
            interval: stored.interval,
            gate_closure: stored.gate_closure,
            energy_held: stored.energy_held,
            payment_held: stored.payment_held,
            sequence: stored.sequence,
        }
    }

    fn store(loaded: Self::Loaded) -> Self {
        Self {
            market: loaded.market.clone(),
            authority: loaded.authority.clone(),
            energy_mint: loaded.energy_mint.clone(),
            payment_mint: loaded.payment_mint.clone(),
            fee_bps: loaded.fee_bps,
            minimum_order: loaded.minimum_order,
            interval: loaded.interval,
            gate_closure: loaded.gate_closure,
            energy_held: loaded.energy_held,
            payment_held: loaded.payment_held,
            sequence: loaded.sequence,
        }
    }
}

#[event]
pub struct MarketPaused {
    pub market: Pubkey,
    pub energy_held: u64,
    pub payment_held: u64,
    pub sequence: u64,
}

#[derive(Clone, Debug, Default)]
pub struct LoadedMarketPaused {
    pub market: Pubkey,
    pub energy_held: u64,
    pub payment_held: u64,
    pub sequence: u64,
}

impl Mutable<LoadedMarketPaused> {
    fn __emit__(&self) {
        let e = self.borrow();

        emit!(MarketPaused {
            market: e.market.clone(),
            energy_held: e.energy_held,
            payment_held: e.payment_held,
            sequence: e.sequence
        })
    }
}

impl LoadedMarketPaused {
    pub fn __new__(
        market: Pubkey,
        energy_held: u64,
        payment_held: u64,
        sequence: u64,
    ) -> Mutable<Self> {
        let obj = LoadedMarketPaused {
            market,
            energy_held,
            payment_held,
            sequence,
        };

        return Mutable::new(obj);
    }
}

impl Loadable for MarketPaused {
    type Loaded = LoadedMarketPaused;

    fn load(stored: Self) -> Self::Loaded {
        Self::Loaded {
            market: stored.market,
            energy_held: stored.energy_held,
            payment_held: stored.payment_held,
            sequence: stored.sequence,
        }
    }

    fn store(loaded: Self::Loaded) -> Self {
        Self {
            market: loaded.market.clone(),
            energy_held: loaded.energy_held,
            payment_held: loaded.payment_held,
            sequence: loaded.sequence,
        }
    }
}

#[event]
pub struct MarketResumed {
    pub market: Pubkey,
    pub energy_held: u64,
    pub payment_held: u64,
    pub sequence: u64,
}

#[derive(Clone, Debug, Default)]
pub struct LoadedMarketResumed {
    pub market: Pubkey,
    pub energy_held: u64,
    pub payment_held: u64,
    pub sequence: u64,
}

impl Mutable<LoadedMarketResumed> {
    fn __emit__(&self) {
        let e = self.borrow();

        emit!(MarketResumed {
            market: e.market.clone(),
            energy_held: e.energy_held,
            payment_held: e.payment_held,
            sequence: e.sequence
        })
    }
}

impl LoadedMarketResumed {
    pub fn __new__(
        market: Pubkey,
        energy_held: u64,
        payment_held: u64,
        sequence: u64,
    ) -> Mutable<Self> {
        let obj = LoadedMarketResumed {
            market,
            energy_held,
            payment_held,
            sequence,
        };

        return Mutable::new(obj);
    }
}

impl Loadable for MarketResumed {
    type Loaded = LoadedMarketResumed;

    fn load(stored: Self) -> Self::Loaded {
        Self::Loaded {
            market: stored.market,
            energy_held: stored.energy_held,
            payment_held: stored.payment_held,
            sequence: stored.sequence,
        }
    }

    fn store(loaded: Self::Loaded) -> Self {
        Self {
            market: loaded.market.clone(),
            energy_held: loaded.energy_held,
            payment_held: loaded.payment_held,
            sequence: loaded.sequence,
        }
    }
}

#[account]
#[derive(Debug)]
pub struct Offer {
    pub market: Pubkey,
    pub owner: Pubkey,
    pub price: u64,
    pub amount: u64,
    pub minimum_fill: u64,
    pub expires_at: i64,
    pub fee_bps: u16,
}

impl<'info, 'entrypoint> Offer {
    pub fn load(
        account: &'entrypoint mut Box<Account<'info, Self>>,
        programs_map: &'entrypoint ProgramsMap<'info>,
    ) -> Mutable<LoadedOffer<'info, 'entrypoint>> {
        let market = account.market.clone();
        let owner = account.owner.clone();
        let price = account.price;
        let amount = account.amount;
        let minimum_fill = account.minimum_fill;
        let expires_at = account.expires_at;
        let fee_bps = account.fee_bps;

        Mutable::new(LoadedOffer {
            __account__: account,
            __programs__: programs_map,
            market,
            owner,
            price,
            amount,
            minimum_fill,
            expires_at,
            fee_bps,
        })
    }

    pub fn store(loaded: Mutable<LoadedOffer>) {
        let mut loaded = loaded.borrow_mut();
        let market = loaded.market.clone();

        loaded.__account__.market = market;

        let owner = loaded.owner.clone();

        loaded.__account__.owner = owner;

        let price = loaded.price;

        loaded.__account__.price = price;

        let amount = loaded.amount;

        loaded.__account__.amount = amount;

        let minimum_fill = loaded.minimum_fill;

        loaded.__account__.minimum_fill = minimum_fill;

        let expires_at = loaded.expires_at;

        loaded.__account__.expires_at = expires_at;

        let fee_bps = loaded.fee_bps;

        loaded.__account__.fee_bps = fee_bps;
    }
}

#[derive(Debug)]
pub struct LoadedOffer<'info, 'entrypoint> {
    pub __account__: &'entrypoint mut Box<Account<'info, Offer>>,
    pub __programs__: &'entrypoint ProgramsMap<'info>,
    pub market: Pubkey,
    pub owner: Pubkey,
    pub price: u64,
    pub amount: u64,
    pub minimum_fill: u64,
    pub expires_at: i64,
    pub fee_bps: u16,
}

#[event]
pub struct OfferCancelled {
    pub market: Pubkey,
    pub offer: Pubkey,
    pub amount: u64,
    pub energy_held: u64,
    pub payment_held: u64,
    pub sequence: u64,
}

#[derive(Clone, Debug, Default)]
pub struct LoadedOfferCancelled {
    pub market: Pubkey,
    pub offer: Pubkey,
    pub amount: u64,
    pub energy_held: u64,
    pub payment_held: u64,
    pub sequence: u64,
}

impl Mutable<LoadedOfferCancelled> {
    fn __emit__(&self) {
        let e = self.borrow();

        emit!(OfferCancelled {
            market: e.market.clone(),
            offer: e.offer.clone(),
            amount: e.amount,
            energy_held: e.energy_held,
            payment_held: e.payment_held,
            sequence: e.sequence
        })
    }
}

impl LoadedOfferCancelled {
    pub fn __new__(
        market: Pubkey,
        offer: Pubkey,
        amount: u64,
        energy_held: u64,
        payment_held: u64,
        sequence: u64,
    ) -> Mutable<Self> {
        let obj = LoadedOfferCancelled {
            market,
            offer,
            amount,
            energy_held,
            payment_held,
            sequence,
        };

        return Mutable::new(obj);
    }
}

impl Loadable for OfferCancelled {
    type Loaded = LoadedOfferCancelled;

    fn load(stored: Self) -> Self::Loaded {
        Self::Loaded {
            market: stored.market,
            offer: stored.offer,
            amount: stored.amount,
            energy_held: stored.energy_held,
            payment_held: stored.payment_held,
            sequence: stored.sequence,
        }
    }

    fn store(loaded: Self::Loaded) -> Self {
        Self {
            market: loaded.market.clone(),
            offer: loaded.offer.clone(),
            amount: loaded.amount,
            energy_held: loaded.energy_held,
            payment_held: loaded.payment_held,
            sequence: loaded.sequence,
        }
    }
}

#[event]
pub struct OfferExpired {
    pub market: Pubkey,
    pub offer: Pubkey,
    pub amount: u64,
    pub energy_held: u64,
    pub payment_held: u64,
    pub sequence: u64,
}

#[derive(Clone, Debug, Default)]
pub struct LoadedOfferExpired {
    pub market: Pubkey,
    pub offer: Pubkey,
    pub amount: u64,
    pub energy_held: u64,
    pub payment_held: u64,
    pub sequence: u64,
}

impl Mutable<LoadedOfferExpired> {
    fn __emit__(&self) {
        let e = self.borrow();

        emit!(OfferExpired {
            market: e.market.clone(),
            offer: e.offer.clone(),
            amount: e.amount,
            energy_held: e.energy_held,
            payment_held: e.payment_held,
            sequence: e.sequence
        })
    }
}

impl LoadedOfferExpired {
    pub fn __new__(
        market: Pubkey,
        offer: Pubkey,
        amount: u64,
        energy_held: u64,
        payment_held: u64,
        sequence: u64,
    ) -> Mutable<Self> {
        let obj = LoadedOfferExpired {
            market,
            offer,
            amount,
            energy_held,
            payment_held,
            sequence,
        };

        return Mutable::new(obj);
    }
}

impl Loadable for OfferExpired {
    type Loaded = LoadedOfferExpired;

    fn load(stored: Self) -> Self::Loaded {
        Self::Loaded {
            market: stored.market,
            offer: stored.offer,
            amount: stored.amount,
            energy_held: stored.energy_held,
            payment_held: stored.payment_held,
            sequence: stored.sequence,
        }
    }

    fn store(loaded: Self::Loaded) -> Self {
        Self {
            market: loaded.market.clone(),
            offer: loaded.offer.clone(),
            amount: loaded.amount,
            energy_held: loaded.energy_held,
            payment_held: loaded.payment_held,
            sequence: loaded.sequence,
        }
    }
}

#[event]
pub struct OfferFilled {
    pub market: Pubkey,
    pub offer: Pubkey,
    pub taker: Pubkey,
    pub amount: u64,
    pub cost: u64,
    pub fee: u64,
    pub left: u64,
    pub energy_held: u64,
    pub payment_held: u64,
    pub sequence: u64,
}

#[derive(Clone, Debug, Default)]
pub struct LoadedOfferFilled {
    pub market: Pubkey,
    pub offer: Pubkey,
    pub taker: Pubkey,
    pub amount: u64,
    pub cost: u64,
    pub fee: u64,
    pub left: u64,
    pub energy_held: u64,
    pub payment_held: u64,
    pub sequence: u64,
}

impl Mutable<LoadedOfferFilled> {
    fn __emit__(&self) {
        let e = self.borrow();

        emit!(OfferFilled {
            market: e.market.clone(),
            offer: e.offer.clone(),
            taker: e.taker.clone(),
            amount: e.amount,
            cost: e.cost,
            fee: e.fee,
            left: e.left,
            energy_held: e.energy_held,
            payment_held: e.payment_held,
            sequence: e.sequence
        })
    }
}

impl LoadedOfferFilled {
    pub fn __new__(
        market: Pubkey,
        offer: Pubkey,
        taker: Pubkey,
        amount: u64,
        cost: u64,
        fee: u64,
        left: u64,
        energy_held: u64,
        payment_held: u64,
        sequence: u64,
    ) -> Mutable<Self> {
        let obj = LoadedOfferFilled {
            market,
            offer,
            taker,
            amount,
            cost,
            fee,
            left,
            energy_held,
            payment_held,
            sequence,
        };

        return Mutable::new(obj);
    }
}

impl Loadable for OfferFilled {
    type Loaded = LoadedOfferFilled;

    fn load(stored: Self) -> Self::Loaded {
        Self::Loaded {
            market: stored.market,
            offer: stored.offer,
            taker: stored.taker,
            amount: stored.amount,
            cost: stored.cost,
            fee: stored.fee,
            left: stored.left,
            energy_held: stored.energy_held,
            payment_held: stored.payment_held,
            sequence: stored.sequence,
        }
    }

    fn store(loaded: Self::Loaded) -> Self {
        Self {
            market: loaded.market.clone(),
            offer: loaded.offer.clone(),
            taker: loaded.taker.clone(),
            amount: loaded.amount,
            cost: loaded.cost,
            fee: loaded.fee,
            left: loaded.left,
            energy_held: loaded.energy_held,
            payment_held: loaded.payment_held,
            sequence: loaded.sequence,
        }
    }
}

#[event]
pub struct OfferOpened {
    pub market: Pubkey,
    pub offer: Pubkey,
    pub owner: Pubkey,
    pub energy_held: u64,
    pub payment_held: u64,
    pub sequence: u64,
}

#[derive(Clone, Debug, Default)]
pub struct LoadedOfferOpened {
    pub market: Pubkey,
    pub offer: Pubkey,
    pub owner: Pubkey,
    pub energy_held: u64,
    pub payment_held: u64,
    pub sequence: u64,
}

impl Mutable<LoadedOfferOpened> {
    fn __emit__(&self) {
        let e = self.borrow();

        emit!(OfferOpened {
            market: e.market.clone(),
            offer: e.offer.clone(),
            owner: e.owner.clone(),
            energy_held: e.energy_held,
            payment_held: e.payment_held,
            sequence: e.sequence
        })
    }
}

impl LoadedOfferOpened {
    pub fn __new__(
        market: Pubkey,
        offer: Pubkey,
        owner: Pubkey,
        energy_held: u64,
        payment_held: u64,
        sequence: u64,
    ) -> Mutable<Self> {
        let obj = LoadedOfferOpened {
            market,
            offer,
            owner,
            energy_held,
            payment_held,
            sequence,
        };

        return Mutable::new(obj);
    }
}

impl Loadable for OfferOpened {
    type Loaded = LoadedOfferOpened;

    fn load(stored: Self) -> Self::Loaded {
        Self::Loaded {
            market: stored.market,
            offer: stored.offer,
            owner: stored.owner,
            energy_held: stored.energy_held,
            payment_held: stored.payment_held,
            sequence: stored.sequence,
        }
    }

    fn store(loaded: Self::Loaded) -> Self {
        Self {
            market: loaded.market.clone(),
            offer: loaded.offer.clone(),
            owner: loaded.owner.clone(),
            energy_held: loaded.energy_held,
            payment_held: loaded.payment_held,
            sequence: loaded.sequence,
        }
    }
}

#[event]
pub struct OfferPlaced {
    pub market: Pubkey,
    pub offer: Pubkey,
    pub price: u64,
    pub amount: u64,
    pub minimum_fill: u64,
    pub expires_at: i64,
    pub fee_bps: u16,
    pub energy_held: u64,
    pub payment_held: u64,
    pub sequence: u64,
}

#[derive(Clone, Debug, Default)]
pub struct LoadedOfferPlaced {
    pub market: Pubkey,
    pub offer: Pubkey,
    pub price: u64,
    pub amount: u64,
    pub minimum_fill: u64,
    pub expires_at: i64,
    pub fee_bps: u16,
    pub energy_held: u64,
    pub payment_held: u64,
    pub sequence: u64,
}

impl Mutable<LoadedOfferPlaced> {
    fn __emit__(&self) {
        let e = self.borrow();

        emit!(OfferPlaced {
            market: e.market.clone(),
            offer: e.offer.clone(),
            price: e.price,
            amount: e.amount,
            minimum_fill: e.minimum_fill,
            expires_at: e.expires_at,
            fee_bps: e.fee_bps,
            energy_held: e.energy_held,
            payment_held: e.payment_held,
            sequence: e.sequence
        })
    }
}

impl LoadedOfferPlaced {
    pub fn __new__(
        market: Pubkey,
        offer: Pubkey,
        price: u64,
        amount: u64,
        minimum_fill: u64,
        expires_at: i64,
        fee_bps: u16,
        energy_held: u64,
        payment_held: u64,
        sequence: u64,
    ) -> Mutable<Self> {
        let obj = LoadedOfferPlaced {
            market,
            offer,
            price,
            amount,
            minimum_fill,
            expires_at,
            fee_bps,
            energy_held,
            payment_held,
            sequence,
        };

        return Mutable::new(obj);
    }
}

impl Loadable for OfferPlaced {
    type Loaded = LoadedOfferPlaced;

    fn load(stored: Self) -> Self::Loaded {
        Self::Loaded {
            market: stored.market,
            offer: stored.offer,
            price: stored.price,
            amount: stored.amount,
            minimum_fill: stored.minimum_fill,
            expires_at: stored.expires_at,
            fee_bps: stored.fee_bps,
            energy_held: stored.energy_held,
            payment_held: stored.payment_held,
            sequence: stored.sequence,
        }
    }

    fn store(loaded: Self::Loaded) -> Self {
        Self {
            market: loaded.market.clone(),
            offer: loaded.offer.clone(),
            price: loaded.price,
            amount: loaded.amount,
            minimum_fill: loaded.minimum_fill,
            expires_at: loaded.expires_at,
            fee_bps: loaded.fee_bps,
            energy_held: loaded.energy_held,
            payment_held: loaded.payment_held,
            sequence: loaded.sequence,
        }
    }
}

#[account]
#[derive(Debug)]
pub struct Order {
    pub market: Pubkey,
    pub owner: Pubkey,
    pub auction: Pubkey,
    pub index: u64,
    pub price: u64,
    pub amount: u64,
    pub side: Side,
    pub active: bool,
}

impl<'info, 'entrypoint> Order {
    pub fn load(
        account: &'entrypoint mut Box<Account<'info, Self>>,
        programs_map: &'entrypoint ProgramsMap<'info>,
    ) -> Mutable<LoadedOrder<'info, 'entrypoint>> {
        let market = account.market.clone();
        let owner = account.owner.clone();
        let auction = account.auction.clone();
        let index = account.index;
        let price = account.price;
        let amount = account.amount;
        let side = account.side.clone();
        let active = account.active.clone();

        Mutable::new(LoadedOrder {
            __account__: account,
            __programs__: programs_map,
            market,
            owner,
            auction,
            index,
            price,
            amount,
            side,
            active,
        })
    }

    pub fn store(loaded: Mutable<LoadedOrder>) {
        let mut loaded = loaded.borrow_mut();
        let market = loaded.market.clone();

        loaded.__account__.market = market;

        let owner = loaded.owner.clone();

        loaded.__account__.owner = owner;

        let auction = loaded.auction.clone();

        loaded.__account__.auction = auction;

        let index = loaded.index;

        loaded.__account__.index = index;

        let price = loaded.price;

        loaded.__account__.price = price;

        let amount = loaded.amount;

        loaded.__account__.amount = amount;

        let side = loaded.side.clone();

        loaded.__account__.side = side;

        let active = loaded.active.clone();

        loaded.__account__.active = active;
    }
}

#[derive(Debug)]
pub struct LoadedOrder<'info, 'entrypoint> {
    pub __account__: &'entrypoint mut Box<Account<'info, Order>>,
    pub __programs__: &'entrypoint ProgramsMap<'info>,
    pub market: Pubkey,
    pub owner: Pubkey,
    pub auction: Pubkey,
    pub index: u64,
    pub price: u64,
    pub amount: u64,
    pub side: Side,
    pub active: bool,
}

#[event]
pub struct OrderCancelled {
    pub market: Pubkey,
    pub auction: Pubkey,
    pub order: Pubkey,
    pub escrow: u64,
    pub energy_held: u64,
    pub payment_held: u64,
    pub sequence: u64,
}

#[derive(Clone, Debug, Default)]
pub struct LoadedOrderCancelled {
    pub market: Pubkey,
    pub auction: Pubkey,
    pub order: Pubkey,
    pub escrow: u64,
    pub energy_held: u64,
    pub payment_held: u64,
    pub sequence: u64,
}

impl Mutable<LoadedOrderCancelled> {
    fn __emit__(&self) {
        let e = self.borrow();

        emit!(OrderCancelled {
            market: e.market.clone(),
            auction: e.auction.clone(),
            order: e.order.clone(),
            escrow: e.escrow,
            energy_held: e.energy_held,
            payment_held: e.payment_held,
            sequence: e.sequence
        })
    }
}

impl LoadedOrderCancelled {
    pub fn __new__(
        market: Pubkey,
        auction: Pubkey,
        order: Pubkey,
        escrow: u64,
        energy_held: u64,
        payment_held: u64,
        sequence: u64,
    ) -> Mutable<Self> {
        let obj = LoadedOrderCancelled {
            market,
            auction,
            order,
            escrow,
            energy_held,
            payment_held,
            sequence,
        };

        return Mutable::new(obj);
    }
}

impl Loadable for OrderCancelled {
    type Loaded = LoadedOrderCancelled;

    fn load(stored: Self) -> Self::Loaded {
        Self::Loaded {
            market: stored.market,
            auction: stored.auction,
            order: stored.order,
            escrow: stored.escrow,
            energy_held: stored.energy_held,
            payment_held: stored.payment_held,
            sequence: stored.sequence,
        }
    }

    fn store(loaded: Self::Loaded) -> Self {
        Self {
            market: loaded.market.clone(),
            auction: loaded.auction.clone(),
            order: loaded.order.clone(),
            escrow: loaded.escrow,
            energy_held: loaded.energy_held,
            payment_held: loaded.payment_held,
            sequence: loaded.sequence,
        }
    }
}

#[event]
pub struct OrderOpened {
    pub market: Pubkey,
    pub order: Pubkey,
    pub owner: Pubkey,
    pub energy_held: u64,
    pub payment_held: u64,
    pub sequence: u64,
}

#[derive(Clone, Debug, Default)]
pub struct LoadedOrderOpened {
    pub market: Pubkey,
    pub order: Pubkey,
    pub owner: Pubkey,
    pub energy_held: u64,
    pub payment_held: u64,
    pub sequence: u64,
}

impl Mutable<LoadedOrderOpened> {
    fn __emit__(&self) {
        let e = self.borrow();

        emit!(OrderOpened {
            market: e.market.clone(),
            order: e.order.clone(),
            owner: e.owner.clone(),
            energy_held: e.energy_held,
            payment_held: e.payment_held,
            sequence: e.sequence
        })
    }
}

impl LoadedOrderOpened {
    pub fn __new__(
        market: Pubkey,
        order: Pubkey,
        owner: Pubkey,
        energy_held: u64,
        payment_held: u64,
        sequence: u64,
    ) -> Mutable<Self> {
        let obj = LoadedOrderOpened {
            market,
            order,
            owner,
            energy_held,
            payment_held,
            sequence,
        };

        return Mutable::new(obj);
    }
}

impl Loadable for OrderOpened {
    type Loaded = LoadedOrderOpened;

    fn load(stored: Self) -> Self::Loaded {
        Self::Loaded {
            market: stored.market,
            order: stored.order,
            owner: stored.owner,
            energy_held: stored.energy_held,
            payment_held: stored.payment_held,
            sequence: stored.sequence,
        }
    }

    fn store(loaded: Self::Loaded) -> Self {
        Self {
            market: loaded.market.clone(),
            order: loaded.order.clone(),
            owner: loaded.owner.clone(),
            energy_held: loaded.energy_held,
            payment_held: loaded.payment_held,
            sequence: loaded.sequence,
        }
    }
}

#[event]
pub struct OrderPlaced {
    pub market: Pubkey,
    pub auction: Pubkey,
    pub order: Pubkey,
    pub index: u64,
    pub side: u8,
    pub price: u64,
    pub amount: u64,
    pub escrow: u64,
    pub energy_held: u64,
    pub payment_held: u64,
    pub sequence: u64,
}

#[derive(Clone, Debug, Default)]
pub struct LoadedOrderPlaced {
    pub market: Pubkey,
    pub auction: Pubkey,
    pub order: Pubkey,
    pub index: u64,
    pub side: u8,
    pub price: u64,
    pub amount: u64,
    pub escrow: u64,
    pub energy_held: u64,
    pub payment_held: u64,
    pub sequence: u64,
}

impl Mutable<LoadedOrderPlaced> {
    fn __emit__(&self) {
        let e = self.borrow();

        emit!(OrderPlaced {
            market: e.market.clone(),
            auction: e.auction.clone(),
            order: e.order.clone(),
            index: e.index,
            side: e.side,
            price: e.price,
            amount: e.amount,
            escrow: e.escrow,
            energy_held: e.energy_held,
            payment_held: e.payment_held,
            sequence: e.sequence
        })
    }
}

impl LoadedOrderPlaced {
    pub fn __new__(
        market: Pubkey,
        auction: Pubkey,
        order: Pubkey,
        index: u64,
        side: u8,
        price: u64,
        amount: u64,
        escrow: u64,
        energy_held: u64,
        payment_held: u64,
        sequence: u64,
    ) -> Mutable<Self> {
        let obj = LoadedOrderPlaced {
            market,
            auction,
            order,
            index,
            side,
            price,
            amount,
            escrow,
            energy_held,
            payment_held,
            sequence,
        };

        return Mutable::new(obj);
    }
}

impl Loadable for OrderPlaced {
    type Loaded = LoadedOrderPlaced;

    fn load(stored: Self) -> Self::Loaded {
        Self::Loaded {
            market: stored.market,
            auction: stored.auction,
            order: stored.order,
            index: stored.index,
            side: stored.side,
            price: stored.price,
            amount: stored.amount,
            escrow: stored.escrow,
            energy_held: stored.energy_held,
            payment_held: stored.payment_held,
            sequence: stored.sequence,
        }
    }

    fn store(loaded: Self::Loaded) -> Self {
        Self {
            market: loaded.market.clone(),
            auction: loaded.auction.clone(),
            order: loaded.order.clone(),
            index: loaded.index,
            side: loaded.side,
            price: loaded.price,
            amount: loaded.amount,
            escrow: loaded.escrow,
            energy_held: loaded.energy_held,
            payment_held: loaded.payment_held,
            sequence: loaded.sequence,
        }
    }
}

#[event]
pub struct OrderSettled {
    pub market: Pubkey,
    pub auction: Pubkey,
    pub order: Pubkey,
    pub filled: u64,
    pub energy: u64,
    pub payment: u64,
    pub fee: u64,
    pub energy_held: u64,
    pub payment_held: u64,
    pub sequence: u64,
}

#[derive(Clone, Debug, Default)]
pub struct LoadedOrderSettled {
    pub market: Pubkey,
    pub auction: Pubkey,
    pub order: Pubkey,
    pub filled: u64,
    pub energy: u64,
    pub payment: u64,
    pub fee: u64,
    pub energy_held: u64,
    pub payment_held: u64,
    pub sequence: u64,
}

impl Mutable<LoadedOrderSettled> {
    fn __emit__(&self) {
        let e = self.borrow();

        emit!(OrderSettled {
            market: e.market.clone(),
            auction: e.auction.clone(),
            order: e.order.clone(),
            filled: e.filled,
            energy: e.energy,
            payment: e.payment,
            fee: e.fee,
            energy_held: e.energy_held,
            payment_held: e.payment_held,
            sequence: e.sequence
        })
    }
}

impl LoadedOrderSettled {
    pub fn __new__(
        market: Pubkey,
        auction: Pubkey,
        order: Pubkey,
        filled: u64,
        energy: u64,
        payment: u64,
        fee: u64,
        energy_held: u64,
        payment_held: u64,
        sequence: u64,
    ) -> Mutable<Self> {
        let obj = LoadedOrderSettled {
            market,
            auction,
            order,
            filled,
            energy,
            payment,
            fee,
            energy_held,
            payment_held,
            sequence,
        };

        return Mutable::new(obj);
    }
}

impl Loadable for OrderSettled {
    type Loaded = LoadedOrderSettled;

    fn load(stored: Self) -> Self::Loaded {
        Self::Loaded {
            market: stored.market,
            auction: stored.auction,
            order: stored.order,
            filled: stored.filled,
            energy: stored.energy,
            payment: stored.payment,
            fee: stored.fee,
            energy_held: stored.energy_held,
            payment_held: stored.payment_held,
            sequence: stored.sequence,
        }
    }

    fn store(loaded: Self::Loaded) -> Self {
        Self {
            market: loaded.market.clone(),
            auction: loaded.auction.clone(),
            order: loaded.order.clone(),
            filled: loaded.filled,
            energy: loaded.energy,
            payment: loaded.payment,
            fee: loaded.fee,
            energy_held: loaded.energy_held,
            payment_held: loaded.payment_held,
            sequence: loaded.sequence,
        }
    }
}

#[event]
pub struct PaymentVaultOpened {
    pub market: Pubkey,
    pub payment_vault: Pubkey,
    pub energy_held: u64,
    pub payment_held: u64,
    pub sequence: u64,
}

#[derive(Clone, Debug, Default)]
pub struct LoadedPaymentVaultOpened {
    pub market: Pubkey,
    pub payment_vault: Pubkey,
    pub energy_held: u64,
    pub payment_held: u64,
    pub sequence: u64,
}

impl Mutable<LoadedPaymentVaultOpened> {
    fn __emit__(&self) {
        let e = self.borrow();

        emit!(PaymentVaultOpened {
            market: e.market.clone(),
            payment_vault: e.payment_vault.clone(),
            energy_held: e.energy_held,
            payment_held: e.payment_held,
            sequence: e.sequence
        })
    }
}

impl LoadedPaymentVaultOpened {
    pub fn __new__(
        market: Pubkey,
        payment_vault: Pubkey,
        energy_held: u64,
        payment_held: u64,
        sequence: u64,
    ) -> Mutable<Self> {
        let obj = LoadedPaymentVaultOpened {
            market,
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
            market: stored.market,
            payment_vault: stored.payment_vault,
            energy_held: stored.energy_held,
            payment_held: stored.payment_held,
            sequence: stored.sequence,
        }
    }

    fn store(loaded: Self::Loaded) -> Self {
        Self {
            market: loaded.market.clone(),
            payment_vault: loaded.payment_vault.clone(),
            energy_held: loaded.energy_held,
            payment_held: loaded.payment_held,
            sequence: loaded.sequence,
        }
    }
}

#[event]
pub struct PolicySet {
    pub market: Pubkey,
    pub fee_bps: u16,
    pub minimum_order: u64,
    pub energy_held: u64,
    pub payment_held: u64,
    pub sequence: u64,
}

#[derive(Clone, Debug, Default)]
pub struct LoadedPolicySet {
    pub market: Pubkey,
    pub fee_bps: u16,
    pub minimum_order: u64,
    pub energy_held: u64,
    pub payment_held: u64,
    pub sequence: u64,
}

impl Mutable<LoadedPolicySet> {
    fn __emit__(&self) {
        let e = self.borrow();

        emit!(PolicySet {
            market: e.market.clone(),
            fee_bps: e.fee_bps,
            minimum_order: e.minimum_order,
            energy_held: e.energy_held,
            payment_held: e.payment_held,
            sequence: e.sequence
        })
    }
}

impl LoadedPolicySet {
    pub fn __new__(
        market: Pubkey,
        fee_bps: u16,
        minimum_order: u64,
        energy_held: u64,
        payment_held: u64,
        sequence: u64,
    ) -> Mutable<Self> {
        let obj = LoadedPolicySet {
            market,
            fee_bps,
            minimum_order,
            energy_held,
            payment_held,
            sequence,
        };

        return Mutable::new(obj);
    }
}

impl Loadable for PolicySet {
    type Loaded = LoadedPolicySet;

    fn load(stored: Self) -> Self::Loaded {
        Self::Loaded {
            market: stored.market,
            fee_bps: stored.fee_bps,
            minimum_order: stored.minimum_order,
            energy_held: stored.energy_held,
            payment_held: stored.payment_held,
            sequence: stored.sequence,
        }
    }

    fn store(loaded: Self::Loaded) -> Self {
        Self {
            market: loaded.market.clone(),
            fee_bps: loaded.fee_bps,
            minimum_order: loaded.minimum_order,
            energy_held: loaded.energy_held,
            payment_held: loaded.payment_held,
            sequence: loaded.sequence,
        }
    }
}

#[derive(Clone, Debug, PartialEq, AnchorSerialize, AnchorDeserialize, Copy)]
pub enum Side {
    BID,
    OFFER,
}

impl Default for Side {
    fn default() -> Self {
        Side::BID
    }
}

pub fn accept_authority_handler<'info>(
    mut authority: SeahorseSigner<'info, '_>,
    mut market: Mutable<LoadedMarket<'info, '_>>,
) -> () {
    if !(market.borrow().pending_authority != market.borrow().authority) {
        panic!("no new authority is proposed");
    }

    if !(market.borrow().pending_authority == authority.key()) {
        panic!("signer is not the proposed authority");
    }

    assign!(market.borrow_mut().authority, authority.key());

    assign!(market.borrow_mut().sequence, market.borrow().sequence + 1);

    let mut event = <Loaded!(AuthorityAccepted)>::__new__(
        market.borrow().__account__.key(),
        authority.key(),
        market.borrow().energy_held.clone(),
        market.borrow().payment_held.clone(),
        market.borrow().sequence.clone(),
    );

    event.__emit__();
}

pub fn assert_amount(mut amount: u64) -> () {
    if !(amount > 0) {
        panic!("amount must be positive");
    }

    if !(amount <= MAX_AMOUNT!()) {
        panic!("amount exceeds a terawatt-hour");
    }
}

pub fn assert_auction_of<'info>(
    mut auction: Mutable<LoadedAuction<'info, '_>>,
    mut market: Mutable<LoadedMarket<'info, '_>>,
) -> () {
    if !(auction.borrow().market == market.borrow().__account__.key()) {
        panic!("auction belongs to another market");
    }
}

pub fn assert_authority<'info>(
    mut market: Mutable<LoadedMarket<'info, '_>>,
    mut authority: SeahorseSigner<'info, '_>,
) -> () {
    if !(market.borrow().authority == authority.key()) {
        panic!("signer is not the authority");
    }
}

pub fn assert_clearing_of<'info>(
    mut clearing: Mutable<LoadedClearing<'info, '_>>,
    mut auction: Mutable<LoadedAuction<'info, '_>>,
) -> () {
    if !(clearing.borrow().auction == auction.borrow().__account__.key()) {
        panic!("clearing belongs to another auction");
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

pub fn assert_destination_of<'info>(
    mut destination: SeahorseAccount<'info, '_, TokenAccount>,
    mut vault: SeahorseAccount<'info, '_, TokenAccount>,
    mut owner: Pubkey,
) -> () {
    assert_destination(destination.clone(), vault.clone());

    if !(destination.owner == owner) {
        panic!("destination belongs to another owner");
    }
}

pub fn assert_energy_vault_of<'info>(
    mut energy_vault: SeahorseAccount<'info, '_, TokenAccount>,
    mut market: Mutable<LoadedMarket<'info, '_>>,
) -> () {
    if !(energy_vault.key() == market.borrow().energy_vault) {
        panic!("energy vault is not of this market");
    }
}

pub fn assert_gate_open(mut closes_at: i64, mut now: i64) -> () {
    if !(now < closes_at) {
        panic!("gate has closed");
    }
}

pub fn assert_intervals(mut interval: i64, mut gate_closure: i64) -> () {
    if !(interval >= MIN_INTERVAL!()) {
        panic!("interval is below a minute");
    }

    if !(interval <= MAX_INTERVAL!()) {
        panic!("interval exceeds a day");
    }

    if !(gate_closure >= 0) {
        panic!("gate closure is negative");
    }

    if !(gate_closure <= MAX_GATE_CLOSURE!()) {
        panic!("gate closure exceeds a week");
    }
}

pub fn assert_not_paused<'info>(mut market: Mutable<LoadedMarket<'info, '_>>) -> () {
    if !(!market.borrow().paused) {
        panic!("market is paused");
    }
}

pub fn assert_offer_of<'info>(
    mut offer: Mutable<LoadedOffer<'info, '_>>,
    mut market: Mutable<LoadedMarket<'info, '_>>,
) -> () {
    if !(offer.borrow().market == market.borrow().__account__.key()) {
        panic!("offer belongs to another market");
    }
}

pub fn assert_order_in<'info>(
    mut order: Mutable<LoadedOrder<'info, '_>>,
    mut auction: Mutable<LoadedAuction<'info, '_>>,
) -> () {
    if !order.borrow().active {
        panic!("order is not active");
    }

    if !(order.borrow().auction == auction.borrow().__account__.key()) {
        panic!("order belongs to another auction");
    }
}

pub fn assert_owned_offer_of<'info>(
    mut offer: Mutable<LoadedOffer<'info, '_>>,
    mut market: Mutable<LoadedMarket<'info, '_>>,
    mut owner: SeahorseSigner<'info, '_>,
) -> () {
    assert_offer_of(offer.clone(), market.clone());

    if !(offer.borrow().owner == owner.key()) {
        panic!("offer belongs to another owner");
    }
}

pub fn assert_owned_order_of<'info>(
    mut order: Mutable<LoadedOrder<'info, '_>>,
    mut market: Mutable<LoadedMarket<'info, '_>>,
    mut owner: SeahorseSigner<'info, '_>,
) -> () {
    if !(order.borrow().market == market.borrow().__account__.key()) {
        panic!("order belongs to another market");
    }

    if !(order.borrow().owner == owner.key()) {
        panic!("order belongs to another owner");
    }
}

pub fn assert_payment_vault_of<'info>(
    mut payment_vault: SeahorseAccount<'info, '_, TokenAccount>,
    mut market: Mutable<LoadedMarket<'info, '_>>,
) -> () {
    if !(payment_vault.key() == market.borrow().payment_vault) {
        panic!("payment vault is not of this market");
    }
}

pub fn assert_policy(mut fee_bps: u16, mut minimum_order: u64) -> () {
    if !(fee_bps <= MAX_FEE_BPS!()) {
        panic!("fee exceeds 500 basis points");
    }

    if !(minimum_order > 0) {
        panic!("minimum order must be positive");
    }

    if !(minimum_order <= MAX_AMOUNT!()) {
        panic!("minimum order exceeds a terawatt-hour");
    }
}

pub fn assert_price(mut price: u64) -> () {
    if !(price > 0) {
        panic!("price must be positive");
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

pub fn cancel_offer_handler<'info>(
    mut owner: SeahorseSigner<'info, '_>,
    mut market: Mutable<LoadedMarket<'info, '_>>,
    mut offer: Mutable<LoadedOffer<'info, '_>>,
    mut energy_vault: SeahorseAccount<'info, '_, TokenAccount>,
    mut destination: SeahorseAccount<'info, '_, TokenAccount>,
) -> () {
    assert_owned_offer_of(offer.clone(), market.clone(), owner.clone());

    assert_energy_vault_of(energy_vault.clone(), market.clone());

    assert_destination(destination.clone(), energy_vault.clone());

    if !(offer.borrow().amount > 0) {
        panic!("offer is not placed");
    }

    let mut amount = offer.borrow().amount;

    assign!(offer.borrow_mut().amount, 0);

    assign!(
        market.borrow_mut().energy_held,
        market.borrow().energy_held - amount
    );

    assign!(market.borrow_mut().sequence, market.borrow().sequence + 1);

    let mut creator = market.borrow().creator;
    let mut energy_mint = market.borrow().energy_mint;
    let mut payment_mint = market.borrow().payment_mint;
    let mut bump = market.borrow().bump;

    token::transfer(
        CpiContext::new_with_signer(
            energy_vault.programs.get("token_program"),
            token::Transfer {
                from: energy_vault.to_account_info(),
                authority: market.borrow().__account__.to_account_info(),
                to: destination.clone().to_account_info(),
            },
            &[Mutable::new(vec![
                "market".to_string().as_bytes().as_ref(),
                creator.as_ref(),
                energy_mint.as_ref(),
                payment_mint.as_ref(),
                bump.to_le_bytes().as_ref(),
            ])
            .borrow()
            .as_slice()],
        ),
        amount.clone(),
    )
    .unwrap();

    let mut event = <Loaded!(OfferCancelled)>::__new__(
        market.borrow().__account__.key(),
        offer.borrow().__account__.key(),
        amount.clone(),
        market.borrow().energy_held.clone(),
        market.borrow().payment_held.clone(),
        market.borrow().sequence.clone(),
    );

    event.__emit__();
}

pub fn cancel_order_handler<'info>(
    mut owner: SeahorseSigner<'info, '_>,
    mut market: Mutable<LoadedMarket<'info, '_>>,
    mut auction: Mutable<LoadedAuction<'info, '_>>,
    mut order: Mutable<LoadedOrder<'info, '_>>,
    mut vault: SeahorseAccount<'info, '_, TokenAccount>,
    mut destination: SeahorseAccount<'info, '_, TokenAccount>,
    mut clock: Sysvar<'info, Clock>,
) -> () {
    assert_auction_of(auction.clone(), market.clone());

    assert_owned_order_of(order.clone(), market.clone(), owner.clone());

    assert_order_in(order.clone(), auction.clone());

    if order.borrow().side == Side::BID {
        assert_payment_vault_of(vault.clone(), market.clone());
    } else {
        assert_energy_vault_of(vault.clone(), market.clone());
    }

    assert_destination(destination.clone(), vault.clone());

    let mut now = clock.unix_timestamp;
    let mut lapsed =
        (!auction.borrow().cleared) && ((now - CLEARING_PERIOD!()) >= auction.borrow().closes_at);

    if !lapsed {
        assert_gate_open(auction.borrow().closes_at.clone(), now.clone());

        if !(order.borrow().amount > 0) {
            panic!("order is cancelled already");
        }
    }

    let mut escrow = escrow_of(
        order.borrow().side.clone(),
        order.borrow().amount.clone(),
        order.borrow().price.clone(),
    );

    assign!(order.borrow_mut().amount, 0);

    assign!(order.borrow_mut().active, !lapsed);

    if order.borrow().side == Side::BID {
        assign!(
            market.borrow_mut().payment_held,
            market.borrow().payment_held - escrow
        );
    } else {
        assign!(
            market.borrow_mut().energy_held,
            market.borrow().energy_held - escrow
        );
    }

    assign!(market.borrow_mut().sequence, market.borrow().sequence + 1);

    if escrow > 0 {
        let mut creator = market.borrow().creator;
        let mut energy_mint = market.borrow().energy_mint;
        let mut payment_mint = market.borrow().payment_mint;
        let mut bump = market.borrow().bump;

        token::transfer(
            CpiContext::new_with_signer(
                vault.programs.get("token_program"),
                token::Transfer {
                    from: vault.to_account_info(),
                    authority: market.borrow().__account__.to_account_info(),
                    to: destination.clone().to_account_info(),
                },
                &[Mutable::new(vec![
                    "market".to_string().as_bytes().as_ref(),
                    creator.as_ref(),
                    energy_mint.as_ref(),
                    payment_mint.as_ref(),
                    bump.to_le_bytes().as_ref(),
                ])
                .borrow()
                .as_slice()],
            ),
            escrow.clone(),
        )
        .unwrap();
    }

    let mut event = <Loaded!(OrderCancelled)>::__new__(
        market.borrow().__account__.key(),
        auction.borrow().__account__.key(),
        order.borrow().__account__.key(),
        escrow.clone(),
        market.borrow().energy_held.clone(),
        market.borrow().payment_held.clone(),
        market.borrow().sequence.clone(),
    );

    event.__emit__();
}

pub fn clear_auction_handler<'info>(
    mut market: Mutable<LoadedMarket<'info, '_>>,
    mut auction: Mutable<LoadedAuction<'info, '_>>,
    mut clearing: Mutable<LoadedClearing<'info, '_>>,
    mut clock: Sysvar<'info, Clock>,
) -> () {
    assert_auction_of(auction.clone(), market.clone());

    assert_clearing_of(clearing.clone(), auction.clone());

    if !(!auction.borrow().cleared) {
        panic!("auction is cleared already");
    }

    if !((clock.unix_timestamp - CLEARING_PERIOD!()) < auction.borrow().closes_at) {
        panic!("auction has lapsed");
    }

    if !(clearing.borrow().counted == auction.borrow().order_count) {
        panic!("orders are not all counted");
    }

    let mut demand = clearing.borrow().demand_above + clearing.borrow().demand_at;
    let mut supply = clearing.borrow().supply_below + clearing.borrow().supply_at;

    if !(clearing.borrow().demand_above <= supply) {
        panic!("price is too low to maximise the volume");
    }

    if !(clearing.borrow().supply_below <= demand) {
        panic!("price is too high to maximise the volume");
    }

    let mut lowest = clearing.borrow().price;

    if demand == clearing.borrow().supply_below {
        lowest = clearing.borrow().price_below;
    }

    let mut highest = clearing.borrow().price;

    if (supply == clearing.borrow().demand_above) && (clearing.borrow().price_above > 0) {
        highest = clearing.borrow().price_above;
    }

    let mut middle = lowest + ((highest - lowest) / 2);

    if !(clearing.borrow().price == middle) {
        panic!("price is not the middle of those that maximise the volume");
    }

    let mut volume = demand.min(supply);

    assign!(auction.borrow_mut().cleared, true);

    assign!(auction.borrow_mut().price, clearing.borrow().price);

    assign!(auction.borrow_mut().volume, volume);

    assign!(
        auction.borrow_mut().bids_at_price,
        clearing.borrow().demand_at
    );

    assign!(
        auction.borrow_mut().bids_at_price_filled,
        volume - clearing.borrow().demand_above
    );

    assign!(
        auction.borrow_mut().offers_at_price,
        clearing.borrow().supply_at
    );

    assign!(
        auction.borrow_mut().offers_at_price_filled,
        volume - clearing.borrow().supply_below
    );

    assign!(market.borrow_mut().sequence, market.borrow().sequence + 1);

    let mut event = <Loaded!(AuctionCleared)>::__new__(
        market.borrow().__account__.key(),
        auction.borrow().__account__.key(),
        auction.borrow().price.clone(),
        volume.clone(),
        auction.borrow().bids_at_price.clone(),
        auction.borrow().bids_at_price_filled.clone(),
        auction.borrow().offers_at_price.clone(),
        auction.borrow().offers_at_price_filled.clone(),
        market.borrow().energy_held.clone(),
        market.borrow().payment_held.clone(),
        market.borrow().sequence.clone(),
    );

    event.__emit__();
}

pub fn collect_fees_handler<'info>(
    mut authority: SeahorseSigner<'info, '_>,
    mut market: Mutable<LoadedMarket<'info, '_>>,
    mut payment_vault: SeahorseAccount<'info, '_, TokenAccount>,
    mut destination: SeahorseAccount<'info, '_, TokenAccount>,
) -> () {
    assert_authority(market.clone(), authority.clone());

    assert_payment_vault_of(payment_vault.clone(), market.clone());

    assert_destination(destination.clone(), payment_vault.clone());

    if !(market.borrow().fees > 0) {
        panic!("there are no fees");
    }

    let mut amount = market.borrow().fees;

    assign!(market.borrow_mut().fees, 0);

    assign!(
        market.borrow_mut().payment_held,
        market.borrow().payment_held - amount
    );

    assign!(market.borrow_mut().sequence, market.borrow().sequence + 1);

    let mut creator = market.borrow().creator;
    let mut energy_mint = market.borrow().energy_mint;
    let mut payment_mint = market.borrow().payment_mint;
    let mut bump = market.borrow().bump;

    token::transfer(
        CpiContext::new_with_signer(
            payment_vault.programs.get("token_program"),
            token::Transfer {
                from: payment_vault.to_account_info(),
                authority: market.borrow().__account__.to_account_info(),
                to: destination.clone().to_account_info(),
            },
            &[Mutable::new(vec![
                "market".to_string().as_bytes().as_ref(),
                creator.as_ref(),
                energy_mint.as_ref(),
                payment_mint.as_ref(),
                bump.to_le_bytes().as_ref(),
            ])
            .borrow()
            .as_slice()],
        ),
        amount.clone(),
    )
    .unwrap();

    let mut event = <Loaded!(FeesCollected)>::__new__(
        market.borrow().__account__.key(),
        amount.clone(),
        market.borrow().energy_held.clone(),
        market.borrow().payment_held.clone(),
        market.borrow().sequence.clone(),
    );

    event.__emit__();
}

pub fn cost_of(mut amount: u64, mut price: u64) -> u64 {
    return <u64 as TryFrom<_>>::try_from(
        ((((<u128 as TryFrom<_>>::try_from(amount.clone()).unwrap()
            * <u128 as TryFrom<_>>::try_from(price.clone()).unwrap())
            + UNITS_PER_PRICE!())
            - 1)
            / UNITS_PER_PRICE!()),
    )
    .unwrap();
}

pub fn count_order_handler<'info>(
    mut auction: Mutable<LoadedAuction<'info, '_>>,
    mut clearing: Mutable<LoadedClearing<'info, '_>>,
    mut order: Mutable<LoadedOrder<'info, '_>>,
) -> () {
    assert_clearing_of(clearing.clone(), auction.clone());

    if !(order.borrow().auction == auction.borrow().__account__.key()) {
        panic!("order belongs to another auction");
    }

    if !(order.borrow().index == clearing.borrow().counted) {
        panic!("order is not the next one");
    }

    assign!(clearing.borrow_mut().counted, clearing.borrow().counted + 1);

    let mut bid = order.borrow().side == Side::BID;

    if order.borrow().price > clearing.borrow().price {
        if bid {
            assign!(
                clearing.borrow_mut().demand_above,
                clearing.borrow().demand_above + order.borrow().amount
            );
        }

        if (order.borrow().amount > 0)
            && ((clearing.borrow().price_above == 0)
                || (order.borrow().price < clearing.borrow().price_above))
        {
            assign!(clearing.borrow_mut().price_above, order.borrow().price);
        }
    } else {
        if order.borrow().price < clearing.borrow().price {
            if !bid {
                assign!(
                    clearing.borrow_mut().supply_below,
                    clearing.borrow().supply_below + order.borrow().amount
                );
            }

            if (order.borrow().amount > 0) && (order.borrow().price > clearing.borrow().price_below)
            {
                assign!(clearing.borrow_mut().price_below, order.borrow().price);
            }
        } else {
            if bid {
                assign!(
                    clearing.borrow_mut().demand_at,
                    clearing.borrow().demand_at + order.borrow().amount
                );
            } else {
                assign!(
                    clearing.borrow_mut().supply_at,
                    clearing.borrow().supply_at + order.borrow().amount
                );
            }
        }
    }
}

pub fn escrow_of(mut side: Side, mut amount: u64, mut price: u64) -> u64 {
    if side == Side::BID {
        return cost_of(amount.clone(), price.clone());
    }

    return amount;
}

pub fn fee_of(mut proceeds: u64, mut fee_bps: u16) -> u64 {
    return <u64 as TryFrom<_>>::try_from(
        ((<u128 as TryFrom<_>>::try_from(proceeds.clone()).unwrap()
            * <u128 as TryFrom<_>>::try_from(fee_bps.clone()).unwrap())
            / BPS!()),
    )
    .unwrap();
}

pub fn fill_offer_handler<'info>(
    mut taker: SeahorseSigner<'info, '_>,
    mut market: Mutable<LoadedMarket<'info, '_>>,
    mut offer: Mutable<LoadedOffer<'info, '_>>,
    mut energy_vault: SeahorseAccount<'info, '_, TokenAccount>,
    mut payment_vault: SeahorseAccount<'info, '_, TokenAccount>,
    mut source: SeahorseAccount<'info, '_, TokenAccount>,
    mut destination: SeahorseAccount<'info, '_, TokenAccount>,
    mut proceeds: SeahorseAccount<'info, '_, TokenAccount>,
    mut clock: Sysvar<'info, Clock>,
    mut amount: u64,
    mut maximum_cost: u64,
) -> () {
    assert_not_paused(market.clone());

    assert_offer_of(offer.clone(), market.clone());

    assert_energy_vault_of(energy_vault.clone(), market.clone());

    assert_payment_vault_of(payment_vault.clone(), market.clone());

    assert_source(source.clone(), payment_vault.clone(), taker.clone());

    assert_destination(destination.clone(), energy_vault.clone());

    if !(proceeds.mint == market.borrow().payment_mint) {
        panic!("proceeds hold another mint");
    }

    if !(proceeds.owner == offer.borrow().owner) {
        panic!("proceeds belong to another owner");
    }

    if !(proceeds.key() != payment_vault.key()) {
        panic!("proceeds are the vault");
    }

    if !(proceeds.key() != source.key()) {
        panic!("proceeds are the source");
    }

    if !(offer.borrow().amount > 0) {
        panic!("offer is not placed");
    }

    if !(clock.unix_timestamp < offer.borrow().expires_at) {
        panic!("offer has expired");
    }

    assert_amount(amount.clone());

    if !(amount <= offer.borrow().amount) {
        panic!("amount exceeds the offer");
    }

    if !(amount >= offer.borrow().minimum_fill.min(offer.borrow().amount)) {
        panic!("amount is below the minimum fill");
    }

    let mut cost = cost_of(amount.clone(), offer.borrow().price.clone());

    if !(cost <= maximum_cost) {
        panic!("cost exceeds the maximum");
    }

    let mut fee = fee_of(cost.clone(), offer.borrow().fee_bps.clone());

    assign!(offer.borrow_mut().amount, offer.borrow().amount - amount);

    assign!(
        market.borrow_mut().energy_held,
        market.borrow().energy_held - amount
    );

    assign!(
        market.borrow_mut().payment_held,
        market.borrow().payment_held + fee
    );

    assign!(market.borrow_mut().fees, market.borrow().fees + fee);

    assign!(market.borrow_mut().sequence, market.borrow().sequence + 1);

    token::transfer(
        CpiContext::new(
            source.programs.get("token_program"),
            token::Transfer {
                from: source.to_account_info(),
                authority: taker.clone().to_account_info(),
                to: proceeds.clone().to_account_info(),
            },
        ),
        (cost - fee),
    )
    .unwrap();

    if fee > 0 {
        token::transfer(
            CpiContext::new(
                source.programs.get("token_program"),
                token::Transfer {
                    from: source.to_account_info(),
                    authority: taker.clone().to_account_info(),
                    to: payment_vault.clone().to_account_info(),
                },
            ),
            fee.clone(),
        )
        .unwrap();
    }

    let mut creator = market.borrow().creator;
    let mut energy_mint = market.borrow().energy_mint;
    let mut payment_mint = market.borrow().payment_mint;
    let mut bump = market.borrow().bump;

    token::transfer(
        CpiContext::new_with_signer(
            energy_vault.programs.get("token_program"),
            token::Transfer {
                from: energy_vault.to_account_info(),
                authority: market.borrow().__account__.to_account_info(),
                to: destination.clone().to_account_info(),
            },
            &[Mutable::new(vec![
                "market".to_string().as_bytes().as_ref(),
                creator.as_ref(),
                energy_mint.as_ref(),
                payment_mint.as_ref(),
                bump.to_le_bytes().as_ref(),
            ])
            .borrow()
            .as_slice()],
        ),
        amount.clone(),
    )
    .unwrap();

    let mut event = <Loaded!(OfferFilled)>::__new__(
        market.borrow().__account__.key(),
        offer.borrow().__account__.key(),
        taker.key(),
        amount.clone(),
        cost.clone(),
        fee.clone(),
        offer.borrow().amount.clone(),
        market.borrow().energy_held.clone(),
        market.borrow().payment_held.clone(),
        market.borrow().sequence.clone(),
    );

    event.__emit__();
}

pub fn initialize_handler<'info>(
    mut authority: SeahorseSigner<'info, '_>,
    mut energy_mint: SeahorseAccount<'info, '_, Mint>,
    mut payment_mint: SeahorseAccount<'info, '_, Mint>,
    mut market: Empty<Mutable<LoadedMarket<'info, '_>>>,
    mut energy_vault: Empty<SeahorseAccount<'info, '_, TokenAccount>>,
    mut fee_bps: u16,
    mut minimum_order: u64,
    mut interval: i64,
    mut gate_closure: i64,
) -> () {
    if !(energy_mint.key() != payment_mint.key()) {
        panic!("payment mint is the energy mint");
    }

    if !(energy_mint.decimals == DECIMALS!()) {
        panic!("energy mint must have 3 decimals");
    }

    assert_policy(fee_bps.clone(), minimum_order.clone());

    assert_intervals(interval.clone(), gate_closure.clone());

    let mut bump = market.bump.unwrap();
    let mut market = market.account.clone();
    let mut energy_vault = energy_vault.account.clone();

    assign!(market.borrow_mut().creator, authority.key());

    assign!(market.borrow_mut().authority, authority.key());

    assign!(market.borrow_mut().pending_authority, authority.key());

    assign!(market.borrow_mut().energy_mint, energy_mint.key());

    assign!(market.borrow_mut().payment_mint, payment_mint.key());

    assign!(market.borrow_mut().energy_vault, energy_vault.key());

    assign!(market.borrow_mut().minimum_order, minimum_order);

    assign!(market.borrow_mut().interval, interval);

    assign!(market.borrow_mut().gate_closure, gate_closure);

    assign!(market.borrow_mut().sequence, 1);

    assign!(market.borrow_mut().fee_bps, fee_bps);

    assign!(market.borrow_mut().bump, bump);

    let mut event = <Loaded!(MarketInitialized)>::__new__(
        market.borrow().__account__.key(),
        authority.key(),
        energy_mint.key(),
        payment_mint.key(),
        fee_bps.clone(),
        minimum_order.clone(),
        interval.clone(),
        gate_closure.clone(),
        market.borrow().energy_held.clone(),
        market.borrow().payment_held.clone(),
        market.borrow().sequence.clone(),
    );

    event.__emit__();
}

pub fn open_auction_handler<'info>(
    mut payer: SeahorseSigner<'info, '_>,
    mut market: Mutable<LoadedMarket<'info, '_>>,
    mut auction: Empty<Mutable<LoadedAuction<'info, '_>>>,
    mut clock: Sysvar<'info, Clock>,
    mut starts_at: i64,
) -> () {
    assert_not_paused(market.clone());

    if !((starts_at % market.borrow().interval) == 0) {
        panic!("no interval starts then");
    }

    let mut closes_at = starts_at - market.borrow().gate_closure;
    let mut now = clock.unix_timestamp;

    assert_gate_open(closes_at.clone(), now.clone());

    if !((closes_at - now) <= MAX_AHEAD!()) {
        panic!("gate closes more than a year ahead");
    }

    let mut auction = auction.account.clone();

    assign!(
        auction.borrow_mut().market,
        market.borrow().__account__.key()
    );

    assign!(auction.borrow_mut().starts_at, starts_at);

    assign!(auction.borrow_mut().closes_at, closes_at);

    assign!(auction.borrow_mut().fee_bps, market.borrow().fee_bps);

    assign!(market.borrow_mut().sequence, market.borrow().sequence + 1);

    let mut event = <Loaded!(AuctionOpened)>::__new__(
        market.borrow().__account__.key(),
        auction.borrow().__account__.key(),
        starts_at.clone(),
        closes_at.clone(),
        auction.borrow().fee_bps.clone(),
        market.borrow().energy_held.clone(),
        market.borrow().payment_held.clone(),
        market.borrow().sequence.clone(),
    );

    event.__emit__();
}

pub fn open_clearing_handler<'info>(
    mut owner: SeahorseSigner<'info, '_>,
    mut market: Mutable<LoadedMarket<'info, '_>>,
    mut clearing: Empty<Mutable<LoadedClearing<'info, '_>>>,
) -> () {
    let mut clearing = clearing.account.clone();

    assign!(
        clearing.borrow_mut().market,
        market.borrow().__account__.key()
    );

    assign!(clearing.borrow_mut().owner, owner.key());
}

pub fn open_offer_handler<'info>(
    mut payer: SeahorseSigner<'info, '_>,
    mut market: Mutable<LoadedMarket<'info, '_>>,
    mut offer: Empty<Mutable<LoadedOffer<'info, '_>>>,
    mut owner: Pubkey,
    mut number: u8,
) -> () {
    let mut offer = offer.account.clone();

    assign!(offer.borrow_mut().market, market.borrow().__account__.key());

    assign!(offer.borrow_mut().owner, owner);

    assign!(market.borrow_mut().sequence, market.borrow().sequence + 1);

    let mut event = <Loaded!(OfferOpened)>::__new__(
        market.borrow().__account__.key(),
        offer.borrow().__account__.key(),
        owner.clone(),
        market.borrow().energy_held.clone(),
        market.borrow().payment_held.clone(),
        market.borrow().sequence.clone(),
    );

    event.__emit__();
}

pub fn open_order_handler<'info>(
    mut payer: SeahorseSigner<'info, '_>,
    mut market: Mutable<LoadedMarket<'info, '_>>,
    mut order: Empty<Mutable<LoadedOrder<'info, '_>>>,
    mut owner: Pubkey,
    mut number: u8,
) -> () {
    let mut order = order.account.clone();

    assign!(order.borrow_mut().market, market.borrow().__account__.key());

    assign!(order.borrow_mut().owner, owner);

    assign!(market.borrow_mut().sequence, market.borrow().sequence + 1);

    let mut event = <Loaded!(OrderOpened)>::__new__(
        market.borrow().__account__.key(),
        order.borrow().__account__.key(),
        owner.clone(),
        market.borrow().energy_held.clone(),
        market.borrow().payment_held.clone(),
        market.borrow().sequence.clone(),
    );

    event.__emit__();
}

pub fn open_payment_vault_handler<'info>(
    mut payer: SeahorseSigner<'info, '_>,
    mut market: Mutable<LoadedMarket<'info, '_>>,
    mut payment_mint: SeahorseAccount<'info, '_, Mint>,
    mut payment_vault: Empty<SeahorseAccount<'info, '_, TokenAccount>>,
) -> () {
    if !(payment_mint.key() == market.borrow().payment_mint) {
        panic!("payment mint is not of this market");
    }

    let mut payment_vault = payment_vault.account.clone();

    assign!(market.borrow_mut().payment_vault, payment_vault.key());

    assign!(market.borrow_mut().sequence, market.borrow().sequence + 1);

    let mut event = <Loaded!(PaymentVaultOpened)>::__new__(
        market.borrow().__account__.key(),
        payment_vault.key(),
        market.borrow().energy_held.clone(),
        market.borrow().payment_held.clone(),
        market.borrow().sequence.clone(),
    );

    event.__emit__();
}

pub fn pause_handler<'info>(
    mut authority: SeahorseSigner<'info, '_>,
    mut market: Mutable<LoadedMarket<'info, '_>>,
) -> () {
    assert_authority(market.clone(), authority.clone());

    assert_not_paused(market.clone());

    assign!(market.borrow_mut().paused, true);

    assign!(market.borrow_mut().sequence, market.borrow().sequence + 1);

    let mut event = <Loaded!(MarketPaused)>::__new__(
        market.borrow().__account__.key(),
        market.borrow().energy_held.clone(),
        market.borrow().payment_held.clone(),
        market.borrow().sequence.clone(),
    );

    event.__emit__();
}

pub fn place_offer_handler<'info>(
    mut owner: SeahorseSigner<'info, '_>,
    mut market: Mutable<LoadedMarket<'info, '_>>,
    mut offer: Mutable<LoadedOffer<'info, '_>>,
    mut energy_vault: SeahorseAccount<'info, '_, TokenAccount>,
    mut source: SeahorseAccount<'info, '_, TokenAccount>,
    mut clock: Sysvar<'info, Clock>,
    mut price: u64,
    mut amount: u64,
    mut minimum_fill: u64,
    mut expires_at: i64,
) -> () {
    assert_not_paused(market.clone());

    assert_owned_offer_of(offer.clone(), market.clone(), owner.clone());

    assert_energy_vault_of(energy_vault.clone(), market.clone());

    assert_source(source.clone(), energy_vault.clone(), owner.clone());

    if !(offer.borrow().amount == 0) {
        panic!("offer is placed already");
    }

    assert_price(price.clone());

    assert_amount(amount.clone());

    if !(minimum_fill > 0) {
        panic!("minimum fill must be positive");
    }

    if !(minimum_fill <= amount) {
        panic!("minimum fill exceeds the amount");
    }

    if !(expires_at > clock.unix_timestamp) {
        panic!("expiry is not in the future");
    }

    assign!(offer.borrow_mut().price, price);

    assign!(offer.borrow_mut().amount, amount);

    assign!(offer.borrow_mut().minimum_fill, minimum_fill);

    assign!(offer.borrow_mut().expires_at, expires_at);

    assign!(offer.borrow_mut().fee_bps, market.borrow().fee_bps);

    assign!(
        market.borrow_mut().energy_held,
        market.borrow().energy_held + amount
    );

    assign!(market.borrow_mut().sequence, market.borrow().sequence + 1);

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

    let mut event = <Loaded!(OfferPlaced)>::__new__(
        market.borrow().__account__.key(),
        offer.borrow().__account__.key(),
        price.clone(),
        amount.clone(),
        minimum_fill.clone(),
        expires_at.clone(),
        offer.borrow().fee_bps.clone(),
        market.borrow().energy_held.clone(),
        market.borrow().payment_held.clone(),
        market.borrow().sequence.clone(),
    );

    event.__emit__();
}

pub fn place_order_handler<'info>(
    mut owner: SeahorseSigner<'info, '_>,
    mut market: Mutable<LoadedMarket<'info, '_>>,
    mut auction: Mutable<LoadedAuction<'info, '_>>,
    mut order: Mutable<LoadedOrder<'info, '_>>,
    mut vault: SeahorseAccount<'info, '_, TokenAccount>,
    mut source: SeahorseAccount<'info, '_, TokenAccount>,
    mut clock: Sysvar<'info, Clock>,
    mut side: Side,
    mut price: u64,
    mut amount: u64,
) -> () {
    assert_not_paused(market.clone());

    assert_auction_of(auction.clone(), market.clone());

    assert_owned_order_of(order.clone(), market.clone(), owner.clone());

    if side == Side::BID {
        assert_payment_vault_of(vault.clone(), market.clone());
    } else {
        assert_energy_vault_of(vault.clone(), market.clone());
    }

    assert_source(source.clone(), vault.clone(), owner.clone());

    if !(!order.borrow().active) {
        panic!("order is active already");
    }

    assert_gate_open(
        auction.borrow().closes_at.clone(),
        clock.unix_timestamp.clone(),
    );

    assert_price(price.clone());

    assert_amount(amount.clone());

    if !(amount >= market.borrow().minimum_order) {
        panic!("amount is below the minimum order");
    }

    let mut escrow = escrow_of(side.clone(), amount.clone(), price.clone());

    assign!(
        order.borrow_mut().auction,
        auction.borrow().__account__.key()
    );

    assign!(order.borrow_mut().index, auction.borrow().order_count);

    assign!(order.borrow_mut().price, price);

    assign!(order.borrow_mut().amount, amount);

    assign!(order.borrow_mut().side, side);

    assign!(order.borrow_mut().active, true);

    assign!(
        auction.borrow_mut().order_count,
        auction.borrow().order_count + 1
    );

    if side == Side::BID {
        assign!(
            market.borrow_mut().payment_held,
            market.borrow().payment_held + escrow
        );
    } else {
        assign!(
            market.borrow_mut().energy_held,
            market.borrow().energy_held + escrow
        );
    }

    assign!(market.borrow_mut().sequence, market.borrow().sequence + 1);

    token::transfer(
        CpiContext::new(
            source.programs.get("token_program"),
            token::Transfer {
                from: source.to_account_info(),
                authority: owner.clone().to_account_info(),
                to: vault.clone().to_account_info(),
            },
        ),
        escrow.clone(),
    )
    .unwrap();

    let mut event = <Loaded!(OrderPlaced)>::__new__(
        market.borrow().__account__.key(),
        auction.borrow().__account__.key(),
        order.borrow().__account__.key(),
        order.borrow().index.clone(),
        side_code(side.clone()),
        price.clone(),
        amount.clone(),
        escrow.clone(),
        market.borrow().energy_held.clone(),
        market.borrow().payment_held.clone(),
        market.borrow().sequence.clone(),
    );

    event.__emit__();
}

pub fn proceeds_of(mut amount: u64, mut price: u64) -> u64 {
    return <u64 as TryFrom<_>>::try_from(
        ((<u128 as TryFrom<_>>::try_from(amount.clone()).unwrap()
            * <u128 as TryFrom<_>>::try_from(price.clone()).unwrap())
            / UNITS_PER_PRICE!()),
    )
    .unwrap();
}

pub fn propose_authority_handler<'info>(
    mut authority: SeahorseSigner<'info, '_>,
    mut market: Mutable<LoadedMarket<'info, '_>>,
    mut proposed: Pubkey,
) -> () {
    assert_authority(market.clone(), authority.clone());

    assign!(market.borrow_mut().pending_authority, proposed);

    assign!(market.borrow_mut().sequence, market.borrow().sequence + 1);

    let mut event = <Loaded!(AuthorityProposed)>::__new__(
        market.borrow().__account__.key(),
        proposed.clone(),
        market.borrow().energy_held.clone(),
        market.borrow().payment_held.clone(),
        market.borrow().sequence.clone(),
    );

    event.__emit__();
}

pub fn propose_price_handler<'info>(
    mut owner: SeahorseSigner<'info, '_>,
    mut auction: Mutable<LoadedAuction<'info, '_>>,
    mut clearing: Mutable<LoadedClearing<'info, '_>>,
    mut clock: Sysvar<'info, Clock>,
    mut price: u64,
) -> () {
    if !(clearing.borrow().owner == owner.key()) {
        panic!("clearing belongs to another owner");
    }

    if !(clearing.borrow().market == auction.borrow().market) {
        panic!("clearing belongs to another market");
    }

    if !(!auction.borrow().cleared) {
        panic!("auction is cleared already");
    }

    if !(clock.unix_timestamp >= auction.borrow().closes_at) {
        panic!("gate is open");
    }

    assign!(
        clearing.borrow_mut().auction,
        auction.borrow().__account__.key()
    );

    assign!(clearing.borrow_mut().price, price);

    assign!(clearing.borrow_mut().counted, 0);

    assign!(clearing.borrow_mut().demand_above, 0);

    assign!(clearing.borrow_mut().demand_at, 0);

    assign!(clearing.borrow_mut().supply_below, 0);

    assign!(clearing.borrow_mut().supply_at, 0);

    assign!(clearing.borrow_mut().price_below, 0);

    assign!(clearing.borrow_mut().price_above, 0);
}

pub fn release_expired_handler<'info>(
    mut market: Mutable<LoadedMarket<'info, '_>>,
    mut offer: Mutable<LoadedOffer<'info, '_>>,
    mut energy_vault: SeahorseAccount<'info, '_, TokenAccount>,
    mut destination: SeahorseAccount<'info, '_, TokenAccount>,
    mut clock: Sysvar<'info, Clock>,
) -> () {
    assert_offer_of(offer.clone(), market.clone());

    assert_energy_vault_of(energy_vault.clone(), market.clone());

    assert_destination_of(
        destination.clone(),
        energy_vault.clone(),
        offer.borrow().owner.clone(),
    );

    if !(offer.borrow().amount > 0) {
        panic!("offer is not placed");
    }

    if !(clock.unix_timestamp >= offer.borrow().expires_at) {
        panic!("offer has not expired");
    }

    let mut amount = offer.borrow().amount;

    assign!(offer.borrow_mut().amount, 0);

    assign!(
        market.borrow_mut().energy_held,
        market.borrow().energy_held - amount
    );

    assign!(market.borrow_mut().sequence, market.borrow().sequence + 1);

    let mut creator = market.borrow().creator;
    let mut energy_mint = market.borrow().energy_mint;
    let mut payment_mint = market.borrow().payment_mint;
    let mut bump = market.borrow().bump;

    token::transfer(
        CpiContext::new_with_signer(
            energy_vault.programs.get("token_program"),
            token::Transfer {
                from: energy_vault.to_account_info(),
                authority: market.borrow().__account__.to_account_info(),
                to: destination.clone().to_account_info(),
            },
            &[Mutable::new(vec![
                "market".to_string().as_bytes().as_ref(),
                creator.as_ref(),
                energy_mint.as_ref(),
                payment_mint.as_ref(),
                bump.to_le_bytes().as_ref(),
            ])
            .borrow()
            .as_slice()],
        ),
        amount.clone(),
    )
    .unwrap();

    let mut event = <Loaded!(OfferExpired)>::__new__(
        market.borrow().__account__.key(),
        offer.borrow().__account__.key(),
        amount.clone(),
        market.borrow().energy_held.clone(),
        market.borrow().payment_held.clone(),
        market.borrow().sequence.clone(),
    );

    event.__emit__();
}

pub fn resume_handler<'info>(
    mut authority: SeahorseSigner<'info, '_>,
    mut market: Mutable<LoadedMarket<'info, '_>>,
) -> () {
    assert_authority(market.clone(), authority.clone());

    if !market.borrow().paused {
        panic!("market is not paused");
    }

    assign!(market.borrow_mut().paused, false);

    assign!(market.borrow_mut().sequence, market.borrow().sequence + 1);

    let mut event = <Loaded!(MarketResumed)>::__new__(
        market.borrow().__account__.key(),
        market.borrow().energy_held.clone(),
        market.borrow().payment_held.clone(),
        market.borrow().sequence.clone(),
    );

    event.__emit__();
}

pub fn return_rent_handler<'info>(
    mut owner: SeahorseSigner<'info, '_>,
    mut order: Mutable<LoadedOrder<'info, '_>>,
    mut amount: u64,
) -> () {
    if !(order.borrow().owner == owner.key()) {
        panic!("order belongs to another owner");
    }

    {
        use anchor_lang::Lamports as _;

        let amount = amount.clone();

        order.borrow().__account__.sub_lamports(amount).unwrap();

        owner.clone().add_lamports(amount).unwrap();
    };

    {
        use anchor_lang::Lamports as _;

        let amount = 1;

        order.borrow().__account__.sub_lamports(amount).unwrap();

        order.borrow().__account__.add_lamports(amount).unwrap();
    };
}

pub fn set_policy_handler<'info>(
    mut authority: SeahorseSigner<'info, '_>,
    mut market: Mutable<LoadedMarket<'info, '_>>,
    mut fee_bps: u16,
    mut minimum_order: u64,
) -> () {
    assert_authority(market.clone(), authority.clone());

    assert_policy(fee_bps.clone(), minimum_order.clone());

    assign!(market.borrow_mut().fee_bps, fee_bps);

    assign!(market.borrow_mut().minimum_order, minimum_order);

    assign!(market.borrow_mut().sequence, market.borrow().sequence + 1);

    let mut event = <Loaded!(PolicySet)>::__new__(
        market.borrow().__account__.key(),
        fee_bps.clone(),
        minimum_order.clone(),
        market.borrow().energy_held.clone(),
        market.borrow().payment_held.clone(),
        market.borrow().sequence.clone(),
    );

    event.__emit__();
}

pub fn settle_order_handler<'info>(
    mut market: Mutable<LoadedMarket<'info, '_>>,
    mut auction: Mutable<LoadedAuction<'info, '_>>,
    mut order: Mutable<LoadedOrder<'info, '_>>,
    mut energy_vault: SeahorseAccount<'info, '_, TokenAccount>,
    mut payment_vault: SeahorseAccount<'info, '_, TokenAccount>,
    mut energy_destination: SeahorseAccount<'info, '_, TokenAccount>,
    mut payment_destination: SeahorseAccount<'info, '_, TokenAccount>,
) -> () {
    assert_auction_of(auction.clone(), market.clone());

    assert_order_in(order.clone(), auction.clone());

    assert_energy_vault_of(energy_vault.clone(), market.clone());

    assert_payment_vault_of(payment_vault.clone(), market.clone());

    assert_destination_of(
        energy_destination.clone(),
        energy_vault.clone(),
        order.borrow().owner.clone(),
    );

    assert_destination_of(
        payment_destination.clone(),
        payment_vault.clone(),
        order.borrow().owner.clone(),
    );

    if !auction.borrow().cleared {
        panic!("auction is not cleared");
    }

    let mut bid = order.borrow().side == Side::BID;
    let mut filled = <u64 as TryFrom<_>>::try_from(0).unwrap();

    if order.borrow().amount > 0 {
        if order.borrow().price == auction.borrow().price {
            if bid {
                filled = share_of(
                    order.borrow().amount.clone(),
                    auction.borrow().bids_at_price_settled.clone(),
                    auction.borrow().bids_at_price_filled.clone(),
                    auction.borrow().bids_at_price.clone(),
                );

                assign!(
                    auction.borrow_mut().bids_at_price_settled,
                    auction.borrow().bids_at_price_settled + order.borrow().amount
                );
            } else {
                filled = share_of(
                    order.borrow().amount.clone(),
                    auction.borrow().offers_at_price_settled.clone(),
                    auction.borrow().offers_at_price_filled.clone(),
                    auction.borrow().offers_at_price.clone(),
                );

                assign!(
                    auction.borrow_mut().offers_at_price_settled,
                    auction.borrow().offers_at_price_settled + order.borrow().amount
                );
            }
        } else {
            if bid == (order.borrow().price > auction.borrow().price) {
                filled = order.borrow().amount;
            }
        }
    }

    let mut energy = <u64 as TryFrom<_>>::try_from(0).unwrap();
    let mut payment = <u64 as TryFrom<_>>::try_from(0).unwrap();
    let mut fee = <u64 as TryFrom<_>>::try_from(0).unwrap();

    if bid {
        let mut cost = cost_of(filled.clone(), auction.borrow().price.clone());

        energy = filled;

        payment = cost_of(order.borrow().amount.clone(), order.borrow().price.clone()) - cost;

        assign!(
            auction.borrow_mut().received,
            auction.borrow().received + cost
        );
    } else {
        let mut proceeds = proceeds_of(filled.clone(), auction.borrow().price.clone());

        fee = fee_of(proceeds.clone(), auction.borrow().fee_bps.clone());

        energy = order.borrow().amount - filled;

        payment = proceeds - fee;

        assign!(auction.borrow_mut().paid, auction.borrow().paid + proceeds);
    }

    assign!(order.borrow_mut().amount, 0);

    assign!(order.borrow_mut().active, false);

    assign!(
        auction.borrow_mut().settled_count,
        auction.borrow().settled_count + 1
    );

    assign!(
        market.borrow_mut().energy_held,
        market.borrow().energy_held - energy
    );

    assign!(
        market.borrow_mut().payment_held,
        market.borrow().payment_held - payment
    );

    assign!(market.borrow_mut().fees, market.borrow().fees + fee);

    if auction.borrow().settled_count == auction.borrow().order_count {
        assign!(
            market.borrow_mut().fees,
            market.borrow().fees + (auction.borrow().received - auction.borrow().paid)
        );
    }

    assign!(market.borrow_mut().sequence, market.borrow().sequence + 1);

    let mut creator = market.borrow().creator;
    let mut energy_mint = market.borrow().energy_mint;
    let mut payment_mint = market.borrow().payment_mint;
    let mut bump = market.borrow().bump;

    if energy > 0 {
        token::transfer(
            CpiContext::new_with_signer(
                energy_vault.programs.get("token_program"),
                token::Transfer {
                    from: energy_vault.to_account_info(),
                    authority: market.borrow().__account__.to_account_info(),
                    to: energy_destination.clone().to_account_info(),
                },
                &[Mutable::new(vec![
                    "market".to_string().as_bytes().as_ref(),
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
                    authority: market.borrow().__account__.to_account_info(),
                    to: payment_destination.clone().to_account_info(),
                },
                &[Mutable::new(vec![
                    "market".to_string().as_bytes().as_ref(),
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

    let mut event = <Loaded!(OrderSettled)>::__new__(
        market.borrow().__account__.key(),
        auction.borrow().__account__.key(),
        order.borrow().__account__.key(),
        filled.clone(),
        energy.clone(),
        payment.clone(),
        fee.clone(),
        market.borrow().energy_held.clone(),
        market.borrow().payment_held.clone(),
        market.borrow().sequence.clone(),
    );

    event.__emit__();
}

pub fn share_of(mut amount: u64, mut settled: u64, mut filled: u64, mut total: u64) -> u64 {
    let mut begin = (<u128 as TryFrom<_>>::try_from(settled.clone()).unwrap()
        * <u128 as TryFrom<_>>::try_from(filled.clone()).unwrap())
        / <u128 as TryFrom<_>>::try_from(total.clone()).unwrap();

    let mut end = (<u128 as TryFrom<_>>::try_from((settled + amount)).unwrap()
        * <u128 as TryFrom<_>>::try_from(filled.clone()).unwrap())
        / <u128 as TryFrom<_>>::try_from(total.clone()).unwrap();

    return <u64 as TryFrom<_>>::try_from((end - begin)).unwrap();
}

pub fn side_code(mut side: Side) -> u8 {
    if side == Side::BID {
        return 0;
    }

    return 1;
}
