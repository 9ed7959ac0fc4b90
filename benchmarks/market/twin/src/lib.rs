//! The busiest instructions of `energy_market` written by hand in Anchor: what those made from Python are
//! measured against.
//!
//! Same address, accounts, arguments, checks, effects and events, so that the program's own IDL drives it.

use anchor_lang::prelude::*;
use anchor_spl::token::{self, Token, TokenAccount, Transfer};

declare_id!("8LVo6yC23HZyNPFf57DuZnKCGHZVLBsUmmRpoCUirhTi");

const BPS: u128 = 10_000;
const UNITS_PER_PRICE: u128 = 1_000;
const MAX_AMOUNT: u64 = 1_000_000_000_000;

#[program]
pub mod market_twin {
    use super::*;

    pub fn fill_offer(ctx: Context<FillOffer>, amount: u64, maximum_cost: u64) -> Result<()> {
        let market = &mut ctx.accounts.market;
        let offer = &mut ctx.accounts.offer;
        require!(offer.amount > 0, MarketError::NotPlaced);
        require!(ctx.accounts.clock.unix_timestamp < offer.expires_at, MarketError::Expired);
        check_amount(amount)?;
        require!(amount <= offer.amount, MarketError::ExceedsOffer);
        require!(amount >= offer.minimum_fill.min(offer.amount), MarketError::BelowMinimumFill);
        let cost = cost_of(amount, offer.price)?;
        require!(cost <= maximum_cost, MarketError::ExceedsMaximumCost);
        let fee = fee_of(cost, offer.fee_bps)?;

        offer.amount -= amount;
        market.energy_held -= amount;
        market.payment_held += fee;
        market.fees += fee;
        market.sequence += 1;

        let token_program = &ctx.accounts.token_program;
        let source = &ctx.accounts.source;
        let taker = &ctx.accounts.taker;
        transfer(token_program, source, &ctx.accounts.proceeds, taker, cost - fee)?;
        if fee > 0 {
            transfer(token_program, source, &ctx.accounts.payment_vault, taker, fee)?;
        }
        pay(token_program, market, &ctx.accounts.energy_vault, &ctx.accounts.destination, amount)?;

        emit!(OfferFilled {
            market: market.key(),
            offer: offer.key(),
            taker: taker.key(),
            amount,
            cost,
            fee,
            left: offer.amount,
            energy_held: market.energy_held,
            payment_held: market.payment_held,
            sequence: market.sequence,
        });
        Ok(())
    }

    pub fn place_order(ctx: Context<PlaceOrder>, side: Side, price: u64, amount: u64) -> Result<()> {
        let market = &mut ctx.accounts.market;
        let auction = &mut ctx.accounts.auction;
        let order = &mut ctx.accounts.order;
        let vault = &ctx.accounts.vault;
        let source = &ctx.accounts.source;
        require_keys_eq!(vault.key(), market.vault_of(side), MarketError::AnotherVault);
        require_keys_neq!(source.key(), vault.key(), MarketError::SourceIsVault);
        require_keys_eq!(source.mint, vault.mint, MarketError::AnotherMint);
        require!(!order.active, MarketError::AlreadyActive);
        require!(ctx.accounts.clock.unix_timestamp < auction.closes_at, MarketError::GateClosed);
        require!(price > 0, MarketError::ZeroPrice);
        check_amount(amount)?;
        require!(amount >= market.minimum_order, MarketError::BelowMinimumOrder);

        let escrow = match side {
            Side::Bid => cost_of(amount, price)?,
            Side::Offer => amount,
        };
        order.auction = auction.key();
        order.index = auction.order_count;
        order.price = price;
        order.amount = amount;
        order.side = side;
        order.active = true;
        auction.order_count += 1;
        match side {
            Side::Bid => market.payment_held += escrow,
            Side::Offer => market.energy_held += escrow,
        }
        market.sequence += 1;

        transfer(&ctx.accounts.token_program, source, vault, &ctx.accounts.owner, escrow)?;

        emit!(OrderPlaced {
            market: market.key(),
            auction: auction.key(),
            order: order.key(),
            index: order.index,
            side: side as u8,
            price,
            amount,
            escrow,
            energy_held: market.energy_held,
            payment_held: market.payment_held,
            sequence: market.sequence,
        });
        Ok(())
    }

    pub fn count_order(ctx: Context<CountOrder>) -> Result<()> {
        let clearing = &mut ctx.accounts.clearing;
        let order = &ctx.accounts.order;
        require!(order.index == clearing.counted, MarketError::NotNext);

        clearing.counted += 1;
        match order.side {
            Side::Bid if order.price > clearing.price => clearing.demand_above += order.amount,
            Side::Bid if order.price == clearing.price => clearing.demand_at += order.amount,
            Side::Offer if order.price < clearing.price => clearing.supply_below += order.amount,
            Side::Offer if order.price == clearing.price => clearing.supply_at += order.amount,
            _ => {}
        }
        if order.amount > 0 && order.price < clearing.price {
            clearing.price_below = clearing.price_below.max(order.price);
        }
        if order.amount > 0 && order.price > clearing.price {
            clearing.price_above = match clearing.price_above {
                0 => order.price,
                nearest => nearest.min(order.price),
            };
        }
        Ok(())
    }

    pub fn settle_order(ctx: Context<SettleOrder>) -> Result<()> {
        let market = &mut ctx.accounts.market;
        let auction = &mut ctx.accounts.auction;
        let order = &mut ctx.accounts.order;

        let filled = auction.fill(order)?;
        let (energy, payment, fee) = match order.side {
            Side::Bid => {
                let cost = cost_of(filled, auction.price)?;
                auction.received += cost;
                (filled, cost_of(order.amount, order.price)? - cost, 0)
            }
            Side::Offer => {
                let proceeds = proceeds_of(filled, auction.price)?;
                let fee = fee_of(proceeds, auction.fee_bps)?;
                auction.paid += proceeds;
                (order.amount - filled, proceeds - fee, fee)
            }
        };
        order.amount = 0;
        order.active = false;
        auction.settled_count += 1;
        market.energy_held -= energy;
        market.payment_held -= payment;
        market.fees += fee;
        if auction.settled_count == auction.order_count {
            market.fees += auction.received - auction.paid;
        }
        market.sequence += 1;

        let token_program = &ctx.accounts.token_program;
        if energy > 0 {
            pay(token_program, market, &ctx.accounts.energy_vault, &ctx.accounts.energy_destination, energy)?;
        }
        if payment > 0 {
            pay(
                token_program,
                market,
                &ctx.accounts.payment_vault,
                &ctx.accounts.payment_destination,
                payment,
            )?;
        }

        emit!(OrderSettled {
            market: market.key(),
            auction: auction.key(),
            order: order.key(),
            filled,
            energy,
            payment,
            fee,
            energy_held: market.energy_held,
            payment_held: market.payment_held,
            sequence: market.sequence,
        });
        Ok(())
    }
}

#[derive(Accounts)]
pub struct FillOffer<'info> {
    pub taker: Signer<'info>,
    #[account(
        mut,
        has_one = energy_vault,
        has_one = payment_vault,
        constraint = !market.paused @ MarketError::Paused,
    )]
    pub market: Box<Account<'info, Market>>,
    #[account(mut, has_one = market)]
    pub offer: Box<Account<'info, Offer>>,
    #[account(mut)]
    pub energy_vault: Box<Account<'info, TokenAccount>>,
    #[account(mut)]
    pub payment_vault: Box<Account<'info, TokenAccount>>,
    #[account(
        mut,
        constraint = source.key() != payment_vault.key() @ MarketError::SourceIsVault,
        constraint = source.mint == payment_vault.mint @ MarketError::AnotherMint,
        constraint = source.owner == taker.key() @ MarketError::AnotherOwner,
    )]
    pub source: Box<Account<'info, TokenAccount>>,
    #[account(
        mut,
        constraint = destination.key() != energy_vault.key() @ MarketError::DestinationIsVault,
        constraint = destination.mint == energy_vault.mint @ MarketError::AnotherMint,
    )]
    pub destination: Box<Account<'info, TokenAccount>>,
    #[account(
        mut,
        constraint = proceeds.mint == market.payment_mint @ MarketError::AnotherMint,
        constraint = proceeds.owner == offer.owner @ MarketError::AnotherOwner,
        constraint = proceeds.key() != payment_vault.key() @ MarketError::DestinationIsVault,
        constraint = proceeds.key() != source.key() @ MarketError::DestinationIsSource,
    )]
    pub proceeds: Box<Account<'info, TokenAccount>>,
    pub clock: Sysvar<'info, Clock>,
    pub token_program: Program<'info, Token>,
}

#[derive(Accounts)]
pub struct PlaceOrder<'info> {
    pub owner: Signer<'info>,
    #[account(mut, constraint = !market.paused @ MarketError::Paused)]
    pub market: Box<Account<'info, Market>>,
    #[account(mut, has_one = market)]
    pub auction: Box<Account<'info, Auction>>,
    #[account(mut, has_one = market, has_one = owner)]
    pub order: Box<Account<'info, Order>>,
    #[account(mut)]
    pub vault: Box<Account<'info, TokenAccount>>,
    #[account(mut, constraint = source.owner == owner.key() @ MarketError::AnotherOwner)]
    pub source: Box<Account<'info, TokenAccount>>,
    pub clock: Sysvar<'info, Clock>,
    pub token_program: Program<'info, Token>,
}

#[derive(Accounts)]
pub struct CountOrder<'info> {
    pub auction: Box<Account<'info, Auction>>,
    #[account(mut, has_one = auction)]
    pub clearing: Box<Account<'info, Clearing>>,
    #[account(has_one = auction)]
    pub order: Box<Account<'info, Order>>,
}

#[derive(Accounts)]
pub struct SettleOrder<'info> {
    #[account(mut, has_one = energy_vault, has_one = payment_vault)]
    pub market: Box<Account<'info, Market>>,
    #[account(mut, has_one = market, constraint = auction.cleared @ MarketError::NotCleared)]
    pub auction: Box<Account<'info, Auction>>,
    #[account(mut, has_one = auction, constraint = order.active @ MarketError::NotActive)]
    pub order: Box<Account<'info, Order>>,
    #[account(mut)]
    pub energy_vault: Box<Account<'info, TokenAccount>>,
    #[account(mut)]
    pub payment_vault: Box<Account<'info, TokenAccount>>,
    #[account(
        mut,
        constraint = energy_destination.key() != energy_vault.key() @ MarketError::DestinationIsVault,
        constraint = energy_destination.mint == energy_vault.mint @ MarketError::AnotherMint,
        constraint = energy_destination.owner == order.owner @ MarketError::AnotherOwner,
    )]
    pub energy_destination: Box<Account<'info, TokenAccount>>,
    #[account(
        mut,
        constraint = payment_destination.key() != payment_vault.key() @ MarketError::DestinationIsVault,
        constraint = payment_destination.mint == payment_vault.mint @ MarketError::AnotherMint,
        constraint = payment_destination.owner == order.owner @ MarketError::AnotherOwner,
    )]
    pub payment_destination: Box<Account<'info, TokenAccount>>,
    pub token_program: Program<'info, Token>,
}

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy)]
pub enum Side {
    Bid,
    Offer,
}

#[account]
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

impl Market {
    fn vault_of(&self, side: Side) -> Pubkey {
        match side {
            Side::Bid => self.payment_vault,
            Side::Offer => self.energy_vault,
        }
    }
}

#[account]
pub struct Offer {
    pub market: Pubkey,
    pub owner: Pubkey,
    pub price: u64,
    pub amount: u64,
    pub minimum_fill: u64,
    pub expires_at: i64,
    pub fee_bps: u16,
}

#[account]
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

impl Auction {
    /// How much of an order trades; those at the price share, each beginning where the one before it ends.
    fn fill(&mut self, order: &Order) -> Result<u64> {
        if order.amount == 0 {
            return Ok(0);
        }
        if order.price != self.price {
            let is_better = match order.side {
                Side::Bid => order.price > self.price,
                Side::Offer => order.price < self.price,
            };
            return Ok(if is_better { order.amount } else { 0 });
        }
        let (settled, filled, total) = match order.side {
            Side::Bid => (&mut self.bids_at_price_settled, self.bids_at_price_filled, self.bids_at_price),
            Side::Offer => {
                (&mut self.offers_at_price_settled, self.offers_at_price_filled, self.offers_at_price)
            }
        };
        let part = |of: u64| u128::from(of) * u128::from(filled) / u128::from(total);
        let begin = part(*settled);
        *settled += order.amount;
        to_u64(part(*settled) - begin)
    }
}

#[account]
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

#[account]
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

fn check_amount(amount: u64) -> Result<()> {
    require!(amount > 0, MarketError::ZeroAmount);
    require!(amount <= MAX_AMOUNT, MarketError::AmountTooLarge);
    Ok(())
}

fn to_u64(value: u128) -> Result<u64> {
    u64::try_from(value).map_err(|_| MarketError::Overflow.into())
}

/// Rounded up.
fn cost_of(amount: u64, price: u64) -> Result<u64> {
    to_u64((u128::from(amount) * u128::from(price) + UNITS_PER_PRICE - 1) / UNITS_PER_PRICE)
}

fn proceeds_of(amount: u64, price: u64) -> Result<u64> {
    to_u64(u128::from(amount) * u128::from(price) / UNITS_PER_PRICE)
}

fn fee_of(proceeds: u64, fee_bps: u16) -> Result<u64> {
    to_u64(u128::from(proceeds) * u128::from(fee_bps) / BPS)
}

fn transfer<'info>(
    token_program: &Program<'info, Token>,
    from: &Account<'info, TokenAccount>,
    to: &Account<'info, TokenAccount>,
    authority: &Signer<'info>,
    amount: u64,
) -> Result<()> {
    token::transfer(
        CpiContext::new(
            token_program.to_account_info(),
            Transfer {
                from: from.to_account_info(),
                to: to.to_account_info(),
                authority: authority.to_account_info(),
            },
        ),
        amount,
    )
}

fn pay<'info>(
    token_program: &Program<'info, Token>,
    market: &Account<'info, Market>,
    from: &Account<'info, TokenAccount>,
    to: &Account<'info, TokenAccount>,
    amount: u64,
) -> Result<()> {
    let seeds: &[&[u8]] = &[
        b"market",
        market.creator.as_ref(),
        market.energy_mint.as_ref(),
        market.payment_mint.as_ref(),
        &[market.bump],
    ];
    token::transfer(
        CpiContext::new_with_signer(
            token_program.to_account_info(),
            Transfer {
                from: from.to_account_info(),
                to: to.to_account_info(),
                authority: market.to_account_info(),
            },
            &[seeds],
        ),
        amount,
    )
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

#[error_code]
pub enum MarketError {
    #[msg("market is paused")]
    Paused,
    #[msg("vault is not of this market")]
    AnotherVault,
    #[msg("source is the vault")]
    SourceIsVault,
    #[msg("destination is the vault")]
    DestinationIsVault,
    #[msg("destination is the source")]
    DestinationIsSource,
    #[msg("account holds another mint")]
    AnotherMint,
    #[msg("account belongs to another owner")]
    AnotherOwner,
    #[msg("offer is not placed")]
    NotPlaced,
    #[msg("offer has expired")]
    Expired,
    #[msg("amount must be positive")]
    ZeroAmount,
    #[msg("amount exceeds a terawatt-hour")]
    AmountTooLarge,
    #[msg("amount exceeds the offer")]
    ExceedsOffer,
    #[msg("amount is below the minimum fill")]
    BelowMinimumFill,
    #[msg("cost exceeds the maximum")]
    ExceedsMaximumCost,
    #[msg("price must be positive")]
    ZeroPrice,
    #[msg("amount is below the minimum order")]
    BelowMinimumOrder,
    #[msg("gate has closed")]
    GateClosed,
    #[msg("order is active already")]
    AlreadyActive,
    #[msg("order is not active")]
    NotActive,
    #[msg("order is not the next one")]
    NotNext,
    #[msg("auction is not cleared")]
    NotCleared,
    #[msg("sum does not fit in 64 bits")]
    Overflow,
}
