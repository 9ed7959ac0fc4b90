#![allow(unused_imports)]
#![allow(unused_variables)]
#![allow(unused_mut)]

pub mod dot;

use anchor_lang::prelude::*;
use anchor_spl::{
    associated_token::{self, AssociatedToken},
    token::{self, Mint, Token, TokenAccount},
};

use dot::program::*;
use std::{cell::RefCell, rc::Rc};

declare_id!("8LVo6yC23HZyNPFf57DuZnKCGHZVLBsUmmRpoCUirhTi");

pub mod seahorse_util {
    use super::*;
    use std::{
        fmt::Debug,
        ops::{Deref, Index, IndexMut},
    };

    pub struct Mutable<T>(Rc<RefCell<T>>);

    impl<T> Mutable<T> {
        pub fn new(obj: T) -> Self {
            Self(Rc::new(RefCell::new(obj)))
        }
    }

    impl<T> Clone for Mutable<T> {
        fn clone(&self) -> Self {
            Self(self.0.clone())
        }
    }

    impl<T> Deref for Mutable<T> {
        type Target = Rc<RefCell<T>>;

        fn deref(&self) -> &Self::Target {
            &self.0
        }
    }

    impl<T: Debug> Debug for Mutable<T> {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            write!(f, "{:?}", self.0)
        }
    }

    impl<T: Default> Default for Mutable<T> {
        fn default() -> Self {
            Self::new(T::default())
        }
    }

    pub trait IndexWrapped {
        type Output;

        fn index_wrapped(&self, index: i128) -> &Self::Output;
    }

    pub trait IndexWrappedMut: IndexWrapped {
        fn index_wrapped_mut(&mut self, index: i128) -> &mut <Self as IndexWrapped>::Output;
    }

    impl<T> IndexWrapped for Vec<T> {
        type Output = T;

        fn index_wrapped(&self, mut index: i128) -> &Self::Output {
            if index < 0 {
                index += self.len() as i128;
            }

            let index: usize = index.try_into().unwrap();

            self.index(index)
        }
    }

    impl<T> IndexWrappedMut for Vec<T> {
        fn index_wrapped_mut(&mut self, mut index: i128) -> &mut <Self as IndexWrapped>::Output {
            if index < 0 {
                index += self.len() as i128;
            }

            let index: usize = index.try_into().unwrap();

            self.index_mut(index)
        }
    }

    impl<T, const N: usize> IndexWrapped for [T; N] {
        type Output = T;

        fn index_wrapped(&self, mut index: i128) -> &Self::Output {
            if index < 0 {
                index += N as i128;
            }

            let index: usize = index.try_into().unwrap();

            self.index(index)
        }
    }

    impl<T, const N: usize> IndexWrappedMut for [T; N] {
        fn index_wrapped_mut(&mut self, mut index: i128) -> &mut <Self as IndexWrapped>::Output {
            if index < 0 {
                index += N as i128;
            }

            let index: usize = index.try_into().unwrap();

            self.index_mut(index)
        }
    }

    #[derive(Clone)]
    pub struct Empty<T: Clone> {
        pub account: T,
        pub bump: Option<u8>,
    }

    #[derive(Clone, Debug)]
    pub struct ProgramsMap<'info>(pub Vec<(&'static str, AccountInfo<'info>)>);

    impl<'info> ProgramsMap<'info> {
        pub fn get(&self, name: &'static str) -> AccountInfo<'info> {
            let (_, program) = self.0.iter().find(|(known, _)| *known == name).unwrap();

            program.clone()
        }
    }

    #[derive(Clone, Debug)]
    pub struct WithPrograms<'info, 'entrypoint, A> {
        pub account: &'entrypoint A,
        pub programs: &'entrypoint ProgramsMap<'info>,
    }

    impl<'info, 'entrypoint, A> Deref for WithPrograms<'info, 'entrypoint, A> {
        type Target = A;

        fn deref(&self) -> &Self::Target {
            &self.account
        }
    }

    pub type SeahorseAccount<'info, 'entrypoint, A> =
        WithPrograms<'info, 'entrypoint, Box<Account<'info, A>>>;

    pub type SeahorseSigner<'info, 'entrypoint> = WithPrograms<'info, 'entrypoint, Signer<'info>>;

    #[derive(Clone, Debug)]
    pub struct CpiAccount<'info> {
        #[doc = "CHECK: CpiAccounts temporarily store AccountInfos."]
        pub account_info: AccountInfo<'info>,
        pub is_writable: bool,
        pub is_signer: bool,
        pub seeds: Option<Vec<Vec<u8>>>,
    }

    #[macro_export]
    macro_rules! seahorse_const {
        ($ name : ident , $ value : expr) => {
            macro_rules! $name {
                () => {
                    $value
                };
            }

            pub(crate) use $name;
        };
    }

    pub trait Loadable {
        type Loaded;

        fn load(stored: Self) -> Self::Loaded;

        fn store(loaded: Self::Loaded) -> Self;
    }

    macro_rules! Loaded {
        ($ name : ty) => {
            <$name as Loadable>::Loaded
        };
    }

    pub(crate) use Loaded;

    #[macro_export]
    macro_rules! assign {
        ($ lval : expr , $ rval : expr) => {{
            let temp = $rval;

            $lval = temp;
        }};
    }

    #[macro_export]
    macro_rules! index_assign {
        ($ lval : expr , $ idx : expr , $ rval : expr) => {
            let temp_rval = $rval;
            let temp_idx = $idx;

            $lval[temp_idx] = temp_rval;
        };
    }

    #[macro_export]
    macro_rules ! store_fields { ($ account : expr , $ ($ field : ident) , *) => { { let mut loaded = $ account . borrow_mut () ; $ (let value = loaded . $ field . clone () ; loaded . __account__ . $ field = value ;) * } } }

    pub(crate) use assign;

    pub(crate) use index_assign;

    pub(crate) use seahorse_const;

    pub(crate) use store_fields;
}

#[program]
mod energy_market {
    use super::*;
    use seahorse_util::*;

    #[derive(Accounts)]
    pub struct AcceptAuthority<'info> {
        #[account()]
        pub authority: Signer<'info>,
        #[account(mut)]
        pub market: Box<Account<'info, dot::program::Market>>,
    }

    pub fn accept_authority(ctx: Context<AcceptAuthority>) -> Result<()> {
        let programs_map = ProgramsMap(vec![]);
        let authority = SeahorseSigner {
            account: &ctx.accounts.authority,
            programs: &programs_map,
        };

        let market = dot::program::Market::load(&mut ctx.accounts.market, &programs_map);

        accept_authority_handler(authority.clone(), market.clone());

        store_fields!(market, authority, sequence);

        return Ok(());
    }

    #[derive(Accounts)]
    pub struct CancelOffer<'info> {
        #[account()]
        pub owner: Signer<'info>,
        #[account(mut)]
        pub market: Box<Account<'info, dot::program::Market>>,
        #[account(mut)]
        pub offer: Box<Account<'info, dot::program::Offer>>,
        #[account(mut)]
        pub energy_vault: Box<Account<'info, TokenAccount>>,
        #[account(mut)]
        pub destination: Box<Account<'info, TokenAccount>>,
        pub token_program: Program<'info, Token>,
    }

    pub fn cancel_offer(ctx: Context<CancelOffer>) -> Result<()> {
        let programs_map = ProgramsMap(vec![(
            "token_program",
            ctx.accounts.token_program.to_account_info(),
        )]);

        let owner = SeahorseSigner {
            account: &ctx.accounts.owner,
            programs: &programs_map,
        };

        let market = dot::program::Market::load(&mut ctx.accounts.market, &programs_map);
        let offer = dot::program::Offer::load(&mut ctx.accounts.offer, &programs_map);
        let energy_vault = SeahorseAccount {
            account: &ctx.accounts.energy_vault,
            programs: &programs_map,
        };

        let destination = SeahorseAccount {
            account: &ctx.accounts.destination,
            programs: &programs_map,
        };

        cancel_offer_handler(
            owner.clone(),
            market.clone(),
            offer.clone(),
            energy_vault.clone(),
            destination.clone(),
        );

        store_fields!(market, energy_held, sequence);

        store_fields!(offer, amount);

        return Ok(());
    }

    #[derive(Accounts)]
    pub struct CancelOrder<'info> {
        #[account()]
        pub owner: Signer<'info>,
        #[account(mut)]
        pub market: Box<Account<'info, dot::program::Market>>,
        #[account()]
        pub auction: Box<Account<'info, dot::program::Auction>>,
        #[account(mut)]
        pub order: Box<Account<'info, dot::program::Order>>,
        #[account(mut)]
        pub vault: Box<Account<'info, TokenAccount>>,
        #[account(mut)]
        pub destination: Box<Account<'info, TokenAccount>>,
        #[account()]
        pub clock: Sysvar<'info, Clock>,
        pub token_program: Program<'info, Token>,
    }

    pub fn cancel_order(ctx: Context<CancelOrder>) -> Result<()> {
        let programs_map = ProgramsMap(vec![(
            "token_program",
            ctx.accounts.token_program.to_account_info(),
        )]);

        let owner = SeahorseSigner {
            account: &ctx.accounts.owner,
            programs: &programs_map,
        };

        let market = dot::program::Market::load(&mut ctx.accounts.market, &programs_map);
        let auction = dot::program::Auction::load(&mut ctx.accounts.auction, &programs_map);
        let order = dot::program::Order::load(&mut ctx.accounts.order, &programs_map);
        let vault = SeahorseAccount {
            account: &ctx.accounts.vault,
            programs: &programs_map,
        };

        let destination = SeahorseAccount {
            account: &ctx.accounts.destination,
            programs: &programs_map,
        };

        let clock = &ctx.accounts.clock.clone();

        cancel_order_handler(
            owner.clone(),
            market.clone(),
            auction.clone(),
            order.clone(),
            vault.clone(),
            destination.clone(),
            clock.clone(),
        );

        store_fields!(market, energy_held, payment_held, sequence);

        store_fields!(order, active, amount);

        return Ok(());
    }

    #[derive(Accounts)]
    pub struct ClearAuction<'info> {
        #[account(mut)]
        pub market: Box<Account<'info, dot::program::Market>>,
        #[account(mut)]
        pub auction: Box<Account<'info, dot::program::Auction>>,
        #[account()]
        pub clearing: Box<Account<'info, dot::program::Clearing>>,
        #[account()]
        pub clock: Sysvar<'info, Clock>,
    }

    pub fn clear_auction(ctx: Context<ClearAuction>) -> Result<()> {
        let programs_map = ProgramsMap(vec![]);
        let market = dot::program::Market::load(&mut ctx.accounts.market, &programs_map);
        let auction = dot::program::Auction::load(&mut ctx.accounts.auction, &programs_map);
        let clearing = dot::program::Clearing::load(&mut ctx.accounts.clearing, &programs_map);
        let clock = &ctx.accounts.clock.clone();

        clear_auction_handler(
            market.clone(),
            auction.clone(),
            clearing.clone(),
            clock.clone(),
        );

        store_fields!(market, sequence);

        store_fields!(
            auction,
            bids_at_price,
            bids_at_price_filled,
            cleared,
            offers_at_price,
            offers_at_price_filled,
            price,
            volume
        );

        return Ok(());
    }

    #[derive(Accounts)]
    pub struct CollectFees<'info> {
        #[account()]
        pub authority: Signer<'info>,
        #[account(mut)]
        pub market: Box<Account<'info, dot::program::Market>>,
        #[account(mut)]
        pub payment_vault: Box<Account<'info, TokenAccount>>,
        #[account(mut)]
        pub destination: Box<Account<'info, TokenAccount>>,
        pub token_program: Program<'info, Token>,
    }

    pub fn collect_fees(ctx: Context<CollectFees>) -> Result<()> {
        let programs_map = ProgramsMap(vec![(
            "token_program",
            ctx.accounts.token_program.to_account_info(),
        )]);

        let authority = SeahorseSigner {
            account: &ctx.accounts.authority,
            programs: &programs_map,
        };

        let market = dot::program::Market::load(&mut ctx.accounts.market, &programs_map);
        let payment_vault = SeahorseAccount {
            account: &ctx.accounts.payment_vault,
            programs: &programs_map,
        };

        let destination = SeahorseAccount {
            account: &ctx.accounts.destination,
            programs: &programs_map,
        };

        collect_fees_handler(
            authority.clone(),
            market.clone(),
            payment_vault.clone(),
            destination.clone(),
        );

        store_fields!(market, fees, payment_held, sequence);

        return Ok(());
    }

    #[derive(Accounts)]
    pub struct CountOrder<'info> {
        #[account()]
        pub auction: Box<Account<'info, dot::program::Auction>>,
        #[account(mut)]
        pub clearing: Box<Account<'info, dot::program::Clearing>>,
        #[account()]
        pub order: Box<Account<'info, dot::program::Order>>,
    }

    pub fn count_order(ctx: Context<CountOrder>) -> Result<()> {
        let programs_map = ProgramsMap(vec![]);
        let auction = dot::program::Auction::load(&mut ctx.accounts.auction, &programs_map);
        let clearing = dot::program::Clearing::load(&mut ctx.accounts.clearing, &programs_map);
        let order = dot::program::Order::load(&mut ctx.accounts.order, &programs_map);

        count_order_handler(auction.clone(), clearing.clone(), order.clone());

        store_fields!(
            clearing,
            counted,
            demand_above,
            demand_at,
            price_above,
            price_below,
            supply_at,
            supply_below
        );

        return Ok(());
    }

    #[derive(Accounts)]
    # [instruction (amount : u64 , maximum_cost : u64)]
    pub struct FillOffer<'info> {
        #[account()]
        pub taker: Signer<'info>,
        #[account(mut)]
        pub market: Box<Account<'info, dot::program::Market>>,
        #[account(mut)]
        pub offer: Box<Account<'info, dot::program::Offer>>,
        #[account(mut)]
        pub energy_vault: Box<Account<'info, TokenAccount>>,
        #[account(mut)]
        pub payment_vault: Box<Account<'info, TokenAccount>>,
        #[account(mut)]
        pub source: Box<Account<'info, TokenAccount>>,
        #[account(mut)]
        pub destination: Box<Account<'info, TokenAccount>>,
        #[account(mut)]
        pub proceeds: Box<Account<'info, TokenAccount>>,
        #[account()]
        pub clock: Sysvar<'info, Clock>,
        pub token_program: Program<'info, Token>,
    }

    pub fn fill_offer(ctx: Context<FillOffer>, amount: u64, maximum_cost: u64) -> Result<()> {
        let programs_map = ProgramsMap(vec![(
            "token_program",
            ctx.accounts.token_program.to_account_info(),
        )]);

        let taker = SeahorseSigner {
            account: &ctx.accounts.taker,
            programs: &programs_map,
        };

        let market = dot::program::Market::load(&mut ctx.accounts.market, &programs_map);
        let offer = dot::program::Offer::load(&mut ctx.accounts.offer, &programs_map);
        let energy_vault = SeahorseAccount {
            account: &ctx.accounts.energy_vault,
            programs: &programs_map,
        };

        let payment_vault = SeahorseAccount {
            account: &ctx.accounts.payment_vault,
            programs: &programs_map,
        };

        let source = SeahorseAccount {
            account: &ctx.accounts.source,
            programs: &programs_map,
        };

        let destination = SeahorseAccount {
            account: &ctx.accounts.destination,
            programs: &programs_map,
        };

        let proceeds = SeahorseAccount {
            account: &ctx.accounts.proceeds,
            programs: &programs_map,
        };

        let clock = &ctx.accounts.clock.clone();

        fill_offer_handler(
            taker.clone(),
            market.clone(),
            offer.clone(),
            energy_vault.clone(),
            payment_vault.clone(),
            source.clone(),
            destination.clone(),
            proceeds.clone(),
            clock.clone(),
            amount,
            maximum_cost,
        );

        store_fields!(market, energy_held, fees, payment_held, sequence);

        store_fields!(offer, amount);

        return Ok(());
    }

    #[derive(Accounts)]
    # [instruction (fee_bps : u16 , minimum_order : u64 , interval : i64 , gate_closure : i64)]
    pub struct Initialize<'info> {
        #[account(mut)]
        pub authority: Signer<'info>,
        #[account()]
        pub energy_mint: Box<Account<'info, Mint>>,
        #[account()]
        pub payment_mint: Box<Account<'info, Mint>>,
        # [account (init , space = std :: mem :: size_of :: < dot :: program :: Market > () + 8 , payer = authority , seeds = ["market" . as_bytes () . as_ref () , authority . key () . as_ref () , energy_mint . key () . as_ref () , payment_mint . key () . as_ref ()] , bump)]
        pub market: Box<Account<'info, dot::program::Market>>,
        # [account (init , payer = authority , seeds = ["energy_vault" . as_bytes () . as_ref () , market . key () . as_ref ()] , bump , token :: mint = energy_mint , token :: authority = market)]
        pub energy_vault: Box<Account<'info, TokenAccount>>,
        pub rent: Sysvar<'info, Rent>,
        pub system_program: Program<'info, System>,
        pub token_program: Program<'info, Token>,
    }

    pub fn initialize(
        ctx: Context<Initialize>,
        fee_bps: u16,
        minimum_order: u64,
        interval: i64,
        gate_closure: i64,
    ) -> Result<()> {
        let programs_map = ProgramsMap(vec![
            (
                "system_program",
                ctx.accounts.system_program.to_account_info(),
            ),
            (
                "token_program",
                ctx.accounts.token_program.to_account_info(),
            ),
        ]);

        let authority = SeahorseSigner {
            account: &ctx.accounts.authority,
            programs: &programs_map,
        };

        let energy_mint = SeahorseAccount {
            account: &ctx.accounts.energy_mint,
            programs: &programs_map,
        };

        let payment_mint = SeahorseAccount {
            account: &ctx.accounts.payment_mint,
            programs: &programs_map,
        };

        let market = Empty {
            account: dot::program::Market::load(&mut ctx.accounts.market, &programs_map),
            bump: Some(ctx.bumps.market),
        };

        let energy_vault = Empty {
            account: SeahorseAccount {
                account: &ctx.accounts.energy_vault,
                programs: &programs_map,
            },
            bump: Some(ctx.bumps.energy_vault),
        };

        initialize_handler(
            authority.clone(),
            energy_mint.clone(),
            payment_mint.clone(),
            market.clone(),
            energy_vault.clone(),
            fee_bps,
            minimum_order,
            interval,
            gate_closure,
        );

        dot::program::Market::store(market.account);

        return Ok(());
    }

    #[derive(Accounts)]
    # [instruction (starts_at : i64)]
    pub struct OpenAuction<'info> {
        #[account(mut)]
        pub payer: Signer<'info>,
        #[account(mut)]
        pub market: Box<Account<'info, dot::program::Market>>,
        # [account (init , space = std :: mem :: size_of :: < dot :: program :: Auction > () + 8 , payer = payer , seeds = ["auction" . as_bytes () . as_ref () , market . key () . as_ref () , starts_at . to_le_bytes () . as_ref ()] , bump)]
        pub auction: Box<Account<'info, dot::program::Auction>>,
        #[account()]
        pub clock: Sysvar<'info, Clock>,
        pub rent: Sysvar<'info, Rent>,
        pub system_program: Program<'info, System>,
    }

    pub fn open_auction(ctx: Context<OpenAuction>, starts_at: i64) -> Result<()> {
        let programs_map = ProgramsMap(vec![(
            "system_program",
            ctx.accounts.system_program.to_account_info(),
        )]);

        let payer = SeahorseSigner {
            account: &ctx.accounts.payer,
            programs: &programs_map,
        };

        let market = dot::program::Market::load(&mut ctx.accounts.market, &programs_map);
        let auction = Empty {
            account: dot::program::Auction::load(&mut ctx.accounts.auction, &programs_map),
            bump: Some(ctx.bumps.auction),
        };

        let clock = &ctx.accounts.clock.clone();

        open_auction_handler(
            payer.clone(),
            market.clone(),
            auction.clone(),
            clock.clone(),
            starts_at,
        );

        store_fields!(market, sequence);

        dot::program::Auction::store(auction.account);

        return Ok(());
    }

    #[derive(Accounts)]
    pub struct OpenClearing<'info> {
        #[account(mut)]
        pub owner: Signer<'info>,
        #[account()]
        pub market: Box<Account<'info, dot::program::Market>>,
        # [account (init , space = std :: mem :: size_of :: < dot :: program :: Clearing > () + 8 , payer = owner , seeds = ["clearing" . as_bytes () . as_ref () , market . key () . as_ref () , owner . key () . as_ref ()] , bump)]
        pub clearing: Box<Account<'info, dot::program::Clearing>>,
        pub rent: Sysvar<'info, Rent>,
        pub system_program: Program<'info, System>,
    }

    pub fn open_clearing(ctx: Context<OpenClearing>) -> Result<()> {
        let programs_map = ProgramsMap(vec![(
            "system_program",
            ctx.accounts.system_program.to_account_info(),
        )]);

        let owner = SeahorseSigner {
            account: &ctx.accounts.owner,
            programs: &programs_map,
        };

        let market = dot::program::Market::load(&mut ctx.accounts.market, &programs_map);
        let clearing = Empty {
            account: dot::program::Clearing::load(&mut ctx.accounts.clearing, &programs_map),
            bump: Some(ctx.bumps.clearing),
        };

        open_clearing_handler(owner.clone(), market.clone(), clearing.clone());

        dot::program::Clearing::store(clearing.account);

        return Ok(());
    }

    #[derive(Accounts)]
    # [instruction (owner : Pubkey , number : u8)]
    pub struct OpenOffer<'info> {
        #[account(mut)]
        pub payer: Signer<'info>,
        #[account(mut)]
        pub market: Box<Account<'info, dot::program::Market>>,
        # [account (init , space = std :: mem :: size_of :: < dot :: program :: Offer > () + 8 , payer = payer , seeds = ["offer" . as_bytes () . as_ref () , market . key () . as_ref () , owner . as_ref () , number . to_le_bytes () . as_ref ()] , bump)]
        pub offer: Box<Account<'info, dot::program::Offer>>,
        pub rent: Sysvar<'info, Rent>,
        pub system_program: Program<'info, System>,
    }

    pub fn open_offer(ctx: Context<OpenOffer>, owner: Pubkey, number: u8) -> Result<()> {
        let programs_map = ProgramsMap(vec![(
            "system_program",
            ctx.accounts.system_program.to_account_info(),
        )]);

        let payer = SeahorseSigner {
            account: &ctx.accounts.payer,
            programs: &programs_map,
        };

        let market = dot::program::Market::load(&mut ctx.accounts.market, &programs_map);
        let offer = Empty {
            account: dot::program::Offer::load(&mut ctx.accounts.offer, &programs_map),
            bump: Some(ctx.bumps.offer),
        };

        open_offer_handler(payer.clone(), market.clone(), offer.clone(), owner, number);

        store_fields!(market, sequence);

        dot::program::Offer::store(offer.account);

        return Ok(());
    }

    #[derive(Accounts)]
    # [instruction (owner : Pubkey , number : u8)]
    pub struct OpenOrder<'info> {
        #[account(mut)]
        pub payer: Signer<'info>,
        #[account(mut)]
        pub market: Box<Account<'info, dot::program::Market>>,
        # [account (init , space = std :: mem :: size_of :: < dot :: program :: Order > () + 8 , payer = payer , seeds = ["order" . as_bytes () . as_ref () , market . key () . as_ref () , owner . as_ref () , number . to_le_bytes () . as_ref ()] , bump)]
        pub order: Box<Account<'info, dot::program::Order>>,
        pub rent: Sysvar<'info, Rent>,
        pub system_program: Program<'info, System>,
    }

    pub fn open_order(ctx: Context<OpenOrder>, owner: Pubkey, number: u8) -> Result<()> {
        let programs_map = ProgramsMap(vec![(
            "system_program",
            ctx.accounts.system_program.to_account_info(),
        )]);

        let payer = SeahorseSigner {
            account: &ctx.accounts.payer,
            programs: &programs_map,
        };

        let market = dot::program::Market::load(&mut ctx.accounts.market, &programs_map);
        let order = Empty {
            account: dot::program::Order::load(&mut ctx.accounts.order, &programs_map),
            bump: Some(ctx.bumps.order),
        };

        open_order_handler(payer.clone(), market.clone(), order.clone(), owner, number);

        store_fields!(market, sequence);

        dot::program::Order::store(order.account);

        return Ok(());
    }

    #[derive(Accounts)]
    pub struct OpenPaymentVault<'info> {
        #[account(mut)]
        pub payer: Signer<'info>,
        #[account(mut)]
        pub market: Box<Account<'info, dot::program::Market>>,
        #[account()]
        pub payment_mint: Box<Account<'info, Mint>>,
        # [account (init , payer = payer , seeds = ["payment_vault" . as_bytes () . as_ref () , market . key () . as_ref ()] , bump , token :: mint = payment_mint , token :: authority = market)]
        pub payment_vault: Box<Account<'info, TokenAccount>>,
        pub rent: Sysvar<'info, Rent>,
        pub system_program: Program<'info, System>,
        pub token_program: Program<'info, Token>,
    }

    pub fn open_payment_vault(ctx: Context<OpenPaymentVault>) -> Result<()> {
        let programs_map = ProgramsMap(vec![
            (
                "system_program",
                ctx.accounts.system_program.to_account_info(),
            ),
            (
                "token_program",
                ctx.accounts.token_program.to_account_info(),
            ),
        ]);

        let payer = SeahorseSigner {
            account: &ctx.accounts.payer,
            programs: &programs_map,
        };

        let market = dot::program::Market::load(&mut ctx.accounts.market, &programs_map);
        let payment_mint = SeahorseAccount {
            account: &ctx.accounts.payment_mint,
            programs: &programs_map,
        };

        let payment_vault = Empty {
            account: SeahorseAccount {
                account: &ctx.accounts.payment_vault,
                programs: &programs_map,
            },
            bump: Some(ctx.bumps.payment_vault),
        };

        open_payment_vault_handler(
            payer.clone(),
            market.clone(),
            payment_mint.clone(),
            payment_vault.clone(),
        );

        store_fields!(market, payment_vault, sequence);

        return Ok(());
    }

    #[derive(Accounts)]
    pub struct Pause<'info> {
        #[account()]
        pub authority: Signer<'info>,
        #[account(mut)]
        pub market: Box<Account<'info, dot::program::Market>>,
    }

    pub fn pause(ctx: Context<Pause>) -> Result<()> {
        let programs_map = ProgramsMap(vec![]);
        let authority = SeahorseSigner {
            account: &ctx.accounts.authority,
            programs: &programs_map,
        };

        let market = dot::program::Market::load(&mut ctx.accounts.market, &programs_map);

        pause_handler(authority.clone(), market.clone());

        store_fields!(market, paused, sequence);

        return Ok(());
    }

    #[derive(Accounts)]
    # [instruction (price : u64 , amount : u64 , minimum_fill : u64 , expires_at : i64)]
    pub struct PlaceOffer<'info> {
        #[account()]
        pub owner: Signer<'info>,
        #[account(mut)]
        pub market: Box<Account<'info, dot::program::Market>>,
        #[account(mut)]
        pub offer: Box<Account<'info, dot::program::Offer>>,
        #[account(mut)]
        pub energy_vault: Box<Account<'info, TokenAccount>>,
        #[account(mut)]
        pub source: Box<Account<'info, TokenAccount>>,
        #[account()]
        pub clock: Sysvar<'info, Clock>,
        pub token_program: Program<'info, Token>,
    }

    pub fn place_offer(
        ctx: Context<PlaceOffer>,
        price: u64,
        amount: u64,
        minimum_fill: u64,
        expires_at: i64,
    ) -> Result<()> {
        let programs_map = ProgramsMap(vec![(
            "token_program",
            ctx.accounts.token_program.to_account_info(),
        )]);

        let owner = SeahorseSigner {
            account: &ctx.accounts.owner,
            programs: &programs_map,
        };

        let market = dot::program::Market::load(&mut ctx.accounts.market, &programs_map);
        let offer = dot::program::Offer::load(&mut ctx.accounts.offer, &programs_map);
        let energy_vault = SeahorseAccount {
            account: &ctx.accounts.energy_vault,
            programs: &programs_map,
        };

        let source = SeahorseAccount {
            account: &ctx.accounts.source,
            programs: &programs_map,
        };

        let clock = &ctx.accounts.clock.clone();

        place_offer_handler(
            owner.clone(),
            market.clone(),
            offer.clone(),
            energy_vault.clone(),
            source.clone(),
            clock.clone(),
            price,
            amount,
            minimum_fill,
            expires_at,
        );

        store_fields!(market, energy_held, sequence);

        store_fields!(offer, amount, expires_at, fee_bps, minimum_fill, price);

        return Ok(());
    }

    #[derive(Accounts)]
    # [instruction (side : Side , price : u64 , amount : u64)]
    pub struct PlaceOrder<'info> {
        #[account()]
        pub owner: Signer<'info>,
        #[account(mut)]
        pub market: Box<Account<'info, dot::program::Market>>,
        #[account(mut)]
        pub auction: Box<Account<'info, dot::program::Auction>>,
        #[account(mut)]
        pub order: Box<Account<'info, dot::program::Order>>,
        #[account(mut)]
        pub vault: Box<Account<'info, TokenAccount>>,
        #[account(mut)]
        pub source: Box<Account<'info, TokenAccount>>,
        #[account()]
        pub clock: Sysvar<'info, Clock>,
        pub token_program: Program<'info, Token>,
    }

    pub fn place_order(
        ctx: Context<PlaceOrder>,
        side: Side,
        price: u64,
        amount: u64,
    ) -> Result<()> {
        let programs_map = ProgramsMap(vec![(
            "token_program",
            ctx.accounts.token_program.to_account_info(),
        )]);

        let owner = SeahorseSigner {
            account: &ctx.accounts.owner,
            programs: &programs_map,
        };

        let market = dot::program::Market::load(&mut ctx.accounts.market, &programs_map);
        let auction = dot::program::Auction::load(&mut ctx.accounts.auction, &programs_map);
        let order = dot::program::Order::load(&mut ctx.accounts.order, &programs_map);
        let vault = SeahorseAccount {
            account: &ctx.accounts.vault,
            programs: &programs_map,
        };

        let source = SeahorseAccount {
            account: &ctx.accounts.source,
            programs: &programs_map,
        };

        let clock = &ctx.accounts.clock.clone();

        place_order_handler(
            owner.clone(),
            market.clone(),
            auction.clone(),
            order.clone(),
            vault.clone(),
            source.clone(),
            clock.clone(),
            side,
            price,
            amount,
        );

        store_fields!(market, energy_held, payment_held, sequence);

        store_fields!(auction, order_count);

        store_fields!(order, active, amount, auction, index, price, side);

        return Ok(());
    }

    #[derive(Accounts)]
    # [instruction (proposed : Pubkey)]
    pub struct ProposeAuthority<'info> {
        #[account()]
        pub authority: Signer<'info>,
        #[account(mut)]
        pub market: Box<Account<'info, dot::program::Market>>,
    }

    pub fn propose_authority(ctx: Context<ProposeAuthority>, proposed: Pubkey) -> Result<()> {
        let programs_map = ProgramsMap(vec![]);
        let authority = SeahorseSigner {
            account: &ctx.accounts.authority,
            programs: &programs_map,
        };

        let market = dot::program::Market::load(&mut ctx.accounts.market, &programs_map);

        propose_authority_handler(authority.clone(), market.clone(), proposed);

        store_fields!(market, pending_authority, sequence);

        return Ok(());
    }

    #[derive(Accounts)]
    # [instruction (price : u64)]
    pub struct ProposePrice<'info> {
        #[account()]
        pub owner: Signer<'info>,
        #[account()]
        pub auction: Box<Account<'info, dot::program::Auction>>,
        #[account(mut)]
        pub clearing: Box<Account<'info, dot::program::Clearing>>,
        #[account()]
        pub clock: Sysvar<'info, Clock>,
    }

    pub fn propose_price(ctx: Context<ProposePrice>, price: u64) -> Result<()> {
        let programs_map = ProgramsMap(vec![]);
        let owner = SeahorseSigner {
            account: &ctx.accounts.owner,
            programs: &programs_map,
        };

        let auction = dot::program::Auction::load(&mut ctx.accounts.auction, &programs_map);
        let clearing = dot::program::Clearing::load(&mut ctx.accounts.clearing, &programs_map);
        let clock = &ctx.accounts.clock.clone();

        propose_price_handler(
            owner.clone(),
            auction.clone(),
            clearing.clone(),
            clock.clone(),
            price,
        );

        store_fields!(
            clearing,
            auction,
            counted,
            demand_above,
            demand_at,
            price,
            price_above,
            price_below,
            supply_at,
            supply_below
        );

        return Ok(());
    }

    #[derive(Accounts)]
    pub struct ReleaseExpired<'info> {
        #[account(mut)]
        pub market: Box<Account<'info, dot::program::Market>>,
        #[account(mut)]
        pub offer: Box<Account<'info, dot::program::Offer>>,
        #[account(mut)]
        pub energy_vault: Box<Account<'info, TokenAccount>>,
        #[account(mut)]
        pub destination: Box<Account<'info, TokenAccount>>,
        #[account()]
        pub clock: Sysvar<'info, Clock>,
        pub token_program: Program<'info, Token>,
    }

    pub fn release_expired(ctx: Context<ReleaseExpired>) -> Result<()> {
        let programs_map = ProgramsMap(vec![(
            "token_program",
            ctx.accounts.token_program.to_account_info(),
        )]);

        let market = dot::program::Market::load(&mut ctx.accounts.market, &programs_map);
        let offer = dot::program::Offer::load(&mut ctx.accounts.offer, &programs_map);
        let energy_vault = SeahorseAccount {
            account: &ctx.accounts.energy_vault,
            programs: &programs_map,
        };

        let destination = SeahorseAccount {
            account: &ctx.accounts.destination,
            programs: &programs_map,
        };

        let clock = &ctx.accounts.clock.clone();

        release_expired_handler(
            market.clone(),
            offer.clone(),
            energy_vault.clone(),
            destination.clone(),
            clock.clone(),
        );

        store_fields!(market, energy_held, sequence);

        store_fields!(offer, amount);

        return Ok(());
    }

    #[derive(Accounts)]
    pub struct Resume<'info> {
        #[account()]
        pub authority: Signer<'info>,
        #[account(mut)]
        pub market: Box<Account<'info, dot::program::Market>>,
    }

    pub fn resume(ctx: Context<Resume>) -> Result<()> {
        let programs_map = ProgramsMap(vec![]);
        let authority = SeahorseSigner {
            account: &ctx.accounts.authority,
            programs: &programs_map,
        };

        let market = dot::program::Market::load(&mut ctx.accounts.market, &programs_map);

        resume_handler(authority.clone(), market.clone());

        store_fields!(market, paused, sequence);

        return Ok(());
    }

    #[derive(Accounts)]
    # [instruction (amount : u64)]
    pub struct ReturnRent<'info> {
        #[account(mut)]
        pub owner: Signer<'info>,
        #[account(mut)]
        pub order: Box<Account<'info, dot::program::Order>>,
    }

    pub fn return_rent(ctx: Context<ReturnRent>, amount: u64) -> Result<()> {
        let programs_map = ProgramsMap(vec![]);
        let owner = SeahorseSigner {
            account: &ctx.accounts.owner,
            programs: &programs_map,
        };

        let order = dot::program::Order::load(&mut ctx.accounts.order, &programs_map);

        return_rent_handler(owner.clone(), order.clone(), amount);

        return Ok(());
    }

    #[derive(Accounts)]
    # [instruction (fee_bps : u16 , minimum_order : u64)]
    pub struct SetPolicy<'info> {
        #[account()]
        pub authority: Signer<'info>,
        #[account(mut)]
        pub market: Box<Account<'info, dot::program::Market>>,
    }

    pub fn set_policy(ctx: Context<SetPolicy>, fee_bps: u16, minimum_order: u64) -> Result<()> {
        let programs_map = ProgramsMap(vec![]);
        let authority = SeahorseSigner {
            account: &ctx.accounts.authority,
            programs: &programs_map,
        };

        let market = dot::program::Market::load(&mut ctx.accounts.market, &programs_map);

        set_policy_handler(authority.clone(), market.clone(), fee_bps, minimum_order);

        store_fields!(market, fee_bps, minimum_order, sequence);

        return Ok(());
    }

    #[derive(Accounts)]
    pub struct SettleOrder<'info> {
        #[account(mut)]
        pub market: Box<Account<'info, dot::program::Market>>,
        #[account(mut)]
        pub auction: Box<Account<'info, dot::program::Auction>>,
        #[account(mut)]
        pub order: Box<Account<'info, dot::program::Order>>,
        #[account(mut)]
        pub energy_vault: Box<Account<'info, TokenAccount>>,
        #[account(mut)]
        pub payment_vault: Box<Account<'info, TokenAccount>>,
        #[account(mut)]
        pub energy_destination: Box<Account<'info, TokenAccount>>,
        #[account(mut)]
        pub payment_destination: Box<Account<'info, TokenAccount>>,
        pub token_program: Program<'info, Token>,
    }

    pub fn settle_order(ctx: Context<SettleOrder>) -> Result<()> {
        let programs_map = ProgramsMap(vec![(
            "token_program",
            ctx.accounts.token_program.to_account_info(),
        )]);

        let market = dot::program::Market::load(&mut ctx.accounts.market, &programs_map);
        let auction = dot::program::Auction::load(&mut ctx.accounts.auction, &programs_map);
        let order = dot::program::Order::load(&mut ctx.accounts.order, &programs_map);
        let energy_vault = SeahorseAccount {
            account: &ctx.accounts.energy_vault,
            programs: &programs_map,
        };

        let payment_vault = SeahorseAccount {
            account: &ctx.accounts.payment_vault,
            programs: &programs_map,
        };

        let energy_destination = SeahorseAccount {
            account: &ctx.accounts.energy_destination,
            programs: &programs_map,
        };

        let payment_destination = SeahorseAccount {
            account: &ctx.accounts.payment_destination,
            programs: &programs_map,
        };

        settle_order_handler(
            market.clone(),
            auction.clone(),
            order.clone(),
            energy_vault.clone(),
            payment_vault.clone(),
            energy_destination.clone(),
            payment_destination.clone(),
        );

        store_fields!(market, energy_held, fees, payment_held, sequence);

        store_fields!(
            auction,
            bids_at_price_settled,
            offers_at_price_settled,
            paid,
            received,
            settled_count
        );

        store_fields!(order, active, amount);

        return Ok(());
    }
}
