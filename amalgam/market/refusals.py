"""The refusals of energy_market, in its own words, each with a remedy.

One entry for each message of an `assert` in `programs_py/energy_market.py`.
"""

from amalgam.chain.refusal import Refusal

# How an account that is missing is created
CREATION = "initialize makes a market, open_ and its name all else"

REFUSALS = (
    Refusal(
        "signer is not the authority",
        "Only the market's authority changes its policy, pause and authority, and collects fees.",
        "Sign with the market's authority.",
    ),
    Refusal(
        "market is paused",
        "Its authority has stopped offers, fills, auctions and orders; all that gives back still works.",
        "Wait until the authority resumes; there is no need to pause again.",
    ),
    Refusal(
        "fee exceeds 500 basis points",
        "A market takes 5 % at most.",
        "Give a fee of 0 to 500 basis points.",
    ),
    Refusal(
        "minimum order must be positive",
        "An order of nothing would only lengthen the book.",
        "Give a minimum order of at least 1 Wh.",
    ),
    Refusal(
        "minimum order exceeds a terawatt-hour",
        "No order could be that large.",
        "Give a minimum order of at most 1,000,000,000,000 Wh.",
    ),
    Refusal(
        "interval is below a minute",
        "Intervals of delivery last a minute to a day.",
        "Give an interval of 60 to 86,400 s.",
    ),
    Refusal(
        "interval exceeds a day",
        "Intervals of delivery last a minute to a day.",
        "Give an interval of 60 to 86,400 s.",
    ),
    Refusal(
        "gate closure is negative",
        "The gate would close after delivery has begun.",
        "Give the gate closure in seconds before delivery, 0 to 604,800.",
    ),
    Refusal(
        "gate closure exceeds a week",
        "The gate closes a week before delivery at the earliest.",
        "Give the gate closure in seconds before delivery, 0 to 604,800.",
    ),
    Refusal(
        "gate has closed",
        "From the gate's closing on the auction's orders are fixed, until it is settled or lapses.",
        "Take part in a later interval; what an order holds comes back when it is settled or lapses.",
    ),
    Refusal(
        "amount must be positive",
        "There is nothing to trade.",
        "Give an amount of at least 1 Wh.",
    ),
    Refusal(
        "amount exceeds a terawatt-hour",
        "A trade is of 1,000,000,000,000 Wh at most.",
        "Give the amount in Wh, and split what is larger.",
    ),
    Refusal(
        "price must be positive",
        "Nothing is traded for nothing.",
        "Give the price of 1,000 Wh, of at least 1 base unit of payment.",
    ),
    Refusal(
        "offer belongs to another market",
        "The offer is placed in another market than the one given.",
        "Pass an offer of this market: offer_address(market, owner, number).",
    ),
    Refusal(
        "offer belongs to another owner",
        "Only its owner can place and cancel an offer.",
        "Sign with the offer's owner, or pass the signer's own offer.",
    ),
    Refusal(
        "auction belongs to another market",
        "The auction is another market's than the one given.",
        "Pass an auction of this market: auction_address(market, start of delivery).",
    ),
    Refusal(
        "order belongs to another market",
        "The order account is another market's than the one given.",
        "Pass an order of this market: order_address(market, owner, number).",
    ),
    Refusal(
        "order belongs to another owner",
        "Only its owner can place and cancel an order.",
        "Sign with the order's owner, or pass the signer's own order.",
    ),
    Refusal(
        "order is not active",
        "The order is in no auction: it was never placed, or is settled or taken back already.",
        "There is nothing to do; the account is free for a new order.",
    ),
    Refusal(
        "order belongs to another auction",
        "The order was placed in another auction than the one given.",
        "Pass the auction that the order names.",
    ),
    Refusal(
        "clearing belongs to another auction",
        "The count was begun for another auction, or not at all.",
        "Propose a price for this auction first, and count its orders.",
    ),
    Refusal(
        "energy vault is not of this market",
        "The energy of a market's offers and orders is in one vault only.",
        "Pass that vault: energy_vault_address(market).",
    ),
    Refusal(
        "payment vault is not of this market",
        "The payments of a market are in one vault only, and there is none until it is opened.",
        "Pass that vault: payment_vault_address(market); on a new market open_payment_vault first.",
    ),
    Refusal(
        "destination is the vault",
        "The tokens would leave the market's books but not its vault.",
        "Name another token account.",
    ),
    Refusal(
        "destination holds another mint",
        "The vault's tokens can only go to an account of their mint.",
        "Name a token account of that mint.",
    ),
    Refusal(
        "destination belongs to another owner",
        "Whoever sends it, what an offer or order has brought goes to its owner.",
        "Name a token account that the owner of the offer or order owns.",
    ),
    Refusal(
        "source is the vault",
        "The vault's tokens belong to offers, orders and the market already.",
        "Name a token account of the signer's.",
    ),
    Refusal(
        "source holds another mint",
        "Energy is offered, and payments are made, in the market's own two mints.",
        "Name a token account of the vault's mint.",
    ),
    Refusal(
        "source belongs to another owner",
        "What is traded becomes the signer's, so only the signer's own tokens are taken.",
        "Name a token account that the signer owns, not one delegated to them.",
    ),
    Refusal(
        "payment mint is the energy mint",
        "A market trades one mint for another.",
        "Initialize with two different mints.",
    ),
    Refusal(
        "energy mint must have 3 decimals",
        "The program counts energy in thousandths of a token.",
        "Initialize with an energy mint of 3 decimals.",
    ),
    Refusal(
        "payment mint is not of this market",
        "The market is paid in the tokens of one mint only.",
        "Pass the payment mint that the market names.",
    ),
    Refusal(
        "market is not paused",
        "Offers and orders are taken already.",
        "There is nothing to do.",
    ),
    Refusal(
        "no new authority is proposed",
        "The authority has proposed nobody, has cancelled, or the proposed key has accepted already.",
        "Have the authority propose this key.",
    ),
    Refusal(
        "signer is not the proposed authority",
        "Only the key that the authority has proposed can accept.",
        "Sign with the key that was proposed, or have the authority propose this key.",
    ),
    Refusal(
        "there are no fees",
        "All fees have been collected, or there have been none yet.",
        "There is nothing to do.",
    ),
    Refusal(
        "proceeds hold another mint",
        "The maker is paid in the market's payment mint.",
        "Name a token account of the payment mint.",
    ),
    Refusal(
        "proceeds belong to another owner",
        "What a taker pays is the maker's.",
        "Name a token account that the offer's owner owns.",
    ),
    Refusal(
        "proceeds are the vault",
        "What a taker pays is the maker's, not the market's.",
        "Name another token account of the maker's.",
    ),
    Refusal(
        "proceeds are the source",
        "The payment would move from an account to itself.",
        "Name two token accounts; who takes their own offer needs a second one.",
    ),
    Refusal(
        "offer is placed already",
        "The account holds an offer that is not used up.",
        "Cancel it first, or open another with a new number.",
    ),
    Refusal(
        "minimum fill must be positive",
        "Nobody can take nothing.",
        "Give a minimum fill of at least 1 Wh.",
    ),
    Refusal(
        "minimum fill exceeds the amount",
        "Nobody could take the offer.",
        "Give a minimum fill of at most the amount.",
    ),
    Refusal(
        "expiry is not in the future",
        "The offer would have expired when it is placed.",
        "Give an expiry, in Unix seconds, after the chain's clock.",
    ),
    Refusal(
        "offer is not placed",
        "The account holds no offer: it was never placed, or is used up or taken back already.",
        "Look for another offer.",
    ),
    Refusal(
        "offer has expired",
        "An offer can be taken only before its expiry.",
        "Take another; release_expired returns what is left of this one to its owner.",
    ),
    Refusal(
        "offer has not expired",
        "Before its expiry only its owner can take an offer back.",
        "Wait until the offer expires, or have the owner cancel it.",
    ),
    Refusal(
        "amount exceeds the offer",
        "Less than that is left of the offer.",
        "Take at most the offer's amount.",
    ),
    Refusal(
        "amount is below the minimum fill",
        "The maker gives no less at once, but for what is left in the end.",
        "Take at least the offer's minimum, or all that is left.",
    ),
    Refusal(
        "cost exceeds the maximum",
        "At the offer's price, which may have changed, the energy costs more than the caller accepts.",
        "Read the offer again, and raise the maximum if it is still acceptable.",
    ),
    Refusal(
        "no interval starts then",
        "Intervals of delivery start at the multiples of the market's interval, in Unix seconds.",
        "Give a start that the market's interval divides.",
    ),
    Refusal(
        "gate closes more than a year ahead",
        "An auction keeps the fee that the market had when it was opened, for a year at most.",
        "Open the auction of an earlier interval.",
    ),
    Refusal(
        "order is active already",
        "The account's order is still in an auction; one that was cancelled keeps its place until then.",
        "Settle it first, or open another with a new number.",
    ),
    Refusal(
        "order is cancelled already",
        "What it held has come back; the account is free once the auction is settled or lapses.",
        "There is nothing to do.",
    ),
    Refusal(
        "amount is below the minimum order",
        "The market takes no smaller orders, since each has to be counted.",
        "Give an amount of at least the market's minimum order.",
    ),
    Refusal(
        "clearing belongs to another owner",
        "A proposer counts with an account of their own.",
        "Pass the signer's: clearing_address(market, owner).",
    ),
    Refusal(
        "clearing belongs to another market",
        "The clearing account is another market's than the auction.",
        "Pass that of the auction's market: clearing_address(market, owner).",
    ),
    Refusal(
        "auction is cleared already",
        "Its price is found, and stays.",
        "Settle its orders.",
    ),
    Refusal(
        "gate is open",
        "Orders still come and go: the book is counted when the gate has closed.",
        "Propose a price when the gate closes, or later.",
    ),
    Refusal(
        "order is not the next one",
        "The orders of a book are counted once each, in the order of their indices.",
        "Count the order after the last one that was counted.",
    ),
    Refusal(
        "orders are not all counted",
        "A price is judged by the whole book.",
        "Count the other orders of the auction first, or begin again if it was another proposal.",
    ),
    Refusal(
        "auction has lapsed",
        "It was not cleared within a day of its gate's closing.",
        "Take the orders back with cancel_order.",
    ),
    Refusal(
        "price is too low to maximise the volume",
        "More is bid for above this price than is offered at it or below.",
        "Propose a higher price, and count the book from it.",
    ),
    Refusal(
        "price is too high to maximise the volume",
        "More is offered below this price than is bid for at it or above.",
        "Propose a lower price, and count the book from it.",
    ),
    Refusal(
        "price is not the middle of those that maximise the volume",
        "Other prices bring the same trade, and of all of these the middle one clears.",
        "Propose the middle one, rounded down, and count the book from it.",
    ),
    Refusal(
        "auction is not cleared",
        "What its orders bring is not known before.",
        "Clear it first; if a day has passed since its gate closed, take the orders back with cancel_order.",
    ),
)
