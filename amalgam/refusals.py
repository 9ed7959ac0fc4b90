"""What the programs refuse with, in their own words, and what a reader can do about it.

One entry for each message of an `assert` in `programs_py/`, program by program.
"""

from typing import NamedTuple


class Refusal(NamedTuple):
    """What a program refuses with, why it does, and what to do about it."""

    message: str
    cause: str
    remedy: str


ENERGY_ALLOCATION = (
    Refusal(
        "mint must have 3 decimals",
        "The program counts in thousandths of a token.",
        "Initialize with a mint of 3 decimals.",
    ),
    Refusal(
        "capacity must be positive",
        "Without capacity no deposit could ever be taken.",
        "Give a capacity of at least 1 base unit.",
    ),
    Refusal(
        "allocation limit must be positive",
        "With a limit of 0 nobody could allocate anything.",
        "Give an allocation limit of at least 1 base unit; pause to stop allocations.",
    ),
    Refusal(
        "allocation limit exceeds the capacity",
        "No member can have more allocated than there is room for.",
        "Give an allocation limit of at most the capacity.",
    ),
    Refusal(
        "allocation lifetime must be positive",
        "An allocation would have expired when it is made.",
        "Give an allocation lifetime of at least 1 s.",
    ),
    Refusal(
        "allocation lifetime exceeds a year",
        "An allocation has to expire within a year.",
        "Give an allocation lifetime of at most 31,536,000 s.",
    ),
    Refusal(
        "efficiency must be positive",
        "At 0 basis points no deposit would be credited.",
        "Give an efficiency of 1 to 10,000 basis points.",
    ),
    Refusal(
        "efficiency exceeds 10000 basis points",
        "More would be credited than was deposited.",
        "Give an efficiency of 1 to 10,000 basis points.",
    ),
    Refusal(
        "member belongs to another battery",
        "The member account is a share of another pool than the one given.",
        "Pass the member account of this one: member_address(battery, owner).",
    ),
    Refusal(
        "member belongs to another owner",
        "Only a member's owner can deposit, withdraw, allocate, deallocate and consume for it.",
        "Sign with the owner of the member account, or pass the signer's own.",
    ),
    Refusal(
        "battery is paused",
        "Its authority has stopped deposits and allocations; all that lets a member leave still works.",
        "Wait until the authority resumes; there is no need to pause again.",
    ),
    Refusal(
        "mint is not of this battery",
        "The tokens of one mint only are taken.",
        "Pass the mint that the account at the given address names.",
    ),
    Refusal(
        "vault is not of this battery",
        "All tokens of the members are in one vault only.",
        "Pass that vault: vault_address(battery).",
    ),
    Refusal(
        "source is the vault",
        "The vault's tokens are the members' already.",
        "Deposit from a token account of the owner's.",
    ),
    Refusal(
        "source holds another mint",
        "The tokens of one mint only are taken.",
        "Deposit from a token account of that mint.",
    ),
    Refusal(
        "source belongs to another owner",
        "A deposit is credited to the signer, so only the signer's own tokens are taken.",
        "Deposit from a token account that the owner of the member account owns, not one delegated to them.",
    ),
    Refusal(
        "amount must be positive",
        "There is nothing to move.",
        "Give an amount of at least 1 base unit.",
    ),
    Refusal(
        "credit rounds to zero",
        "The deposit is so small that the loss takes all of it.",
        "Deposit more at once.",
    ),
    Refusal(
        "credit is below the minimum",
        "At the present efficiency the deposit is worth less than the caller accepts.",
        "Read the efficiency again, and lower minimum_credit if it is still acceptable.",
    ),
    Refusal(
        "amount exceeds the free capacity",
        "What would be credited does not fit in any more.",
        "Deposit less, or after others have withdrawn.",
    ),
    Refusal(
        "destination is the vault",
        "The tokens would leave the member's balance but not the vault.",
        "Withdraw to another token account.",
    ),
    Refusal(
        "destination holds another mint",
        "The vault's tokens can only go to an account of their mint.",
        "Withdraw to a token account of that mint.",
    ),
    Refusal(
        "amount exceeds the balance",
        "The member's balance is less than is to be withdrawn or consumed.",
        "Give at most the member's balance.",
    ),
    Refusal(
        "amount exceeds what is available",
        "The rest of what is stored is allocated, or there is no more.",
        "Give at most the member's own balance less what they have allocated: that much is always available.",
    ),
    Refusal(
        "amount exceeds the allocation limit",
        "The member would have more allocated than one member may.",
        "Allocate less, or deallocate first.",
    ),
    Refusal(
        "amount exceeds what is allocated",
        "The member has less allocated than is to be released or consumed.",
        "Give at most what the member has allocated.",
    ),
    Refusal(
        "amount exceeds the unallocated balance",
        "The rest of the member's balance is allocated already.",
        "Give at most the balance less what is allocated, or deallocate first.",
    ),
    Refusal(
        "allocation has expired",
        "A reservation can be used only before its expiry.",
        "Allocate again, which renews it, or deallocate and withdraw.",
    ),
    Refusal(
        "allocation has not expired",
        "Before its expiry only its owner can release an allocation.",
        "Wait until the member's allocation_expiry, or have the owner deallocate.",
    ),
    Refusal(
        "nothing is allocated",
        "The member has no allocation to release.",
        "There is nothing to do.",
    ),
    Refusal(
        "capacity is below what is stored",
        "What the members have stored would have no room.",
        "Give a capacity of at least what is available and allocated together.",
    ),
    Refusal(
        "signer is not the authority",
        "Only the authority changes policy, limits, pause and authority.",
        "Sign with the authority.",
    ),
    Refusal(
        "battery is not paused",
        "Deposits and allocations are taken already.",
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
        "Sign with the pending_authority, or have the authority propose this key.",
    ),
)

ENERGY_METERING = (
    Refusal(
        "rated power must be positive",
        "A meter of no power could never report a rise.",
        "Give the rated power of what the meter measures, of at least 1 base unit an hour.",
    ),
    Refusal(
        "rated power exceeds a gigawatt",
        "A meter is rated at 1,000,000,000 base units an hour at most.",
        "Give the rated power in base units an hour, for energy in W.",
    ),
    Refusal(
        "meter belongs to another issuer",
        "The meter is registered with another issuer than the one given.",
        "Pass a meter of this issuer: meter_address(issuer, device).",
    ),
    Refusal(
        "meter is retired",
        "Its device is believed no more, and cannot be registered again.",
        "Report with the device that has replaced it, or have the authority register one with a new key.",
    ),
    Refusal(
        "issuer is paused",
        "Its authority has stopped reports; the registers go on, and nothing is lost.",
        "Report again when the authority has resumed the issuer; there is no need to pause it again.",
    ),
    Refusal(
        "signer is not the device of the meter",
        "A reading counts only where the meter's own device has signed it.",
        "Sign with the meter's device, or pass the signer's own meter.",
    ),
    Refusal(
        "mint is not of this issuer",
        "An issuer mints the tokens of one mint only.",
        "Pass the issuer's mint: mint_address(issuer).",
    ),
    Refusal(
        "destination holds another mint",
        "The issuer's tokens can only go to an account of their mint.",
        "Name a token account of the issuer's mint.",
    ),
    Refusal(
        "destination belongs to another owner",
        "What a meter has measured is its owner's.",
        "Name a token account that the meter's owner owns.",
    ),
    Refusal(
        "reading is in the future",
        "The chain's clock has not come to the time of the reading.",
        "Send the same reading again a little later, and set the device's clock.",
    ),
    Refusal(
        "reading is not newer than the latest",
        "The meter has reported for that time or a later one: this reading counts already.",
        "There is nothing to do: send the next reading.",
    ),
    Refusal(
        "register has fallen",
        "A register only rises: it was read wrongly, or the device was reset or replaced.",
        "Read it again; where it has really begun anew, have the authority replace the device.",
    ),
    Refusal(
        "register has risen faster than the rated power",
        "In the time since the latest reading the meter cannot have measured so much.",
        "Send the reading again later: where only rounding is in the way, it passes. Else check the rating.",
    ),
    Refusal(
        "signer is not the authority",
        "Only the issuer's authority changes its meters, pause and authority.",
        "Sign with the issuer's authority.",
    ),
    Refusal(
        "issuer is not paused",
        "Reports are taken already.",
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
        "Sign with the issuer's pending_authority, or have the authority propose this key.",
    ),
)

ENERGY_MARKET = (
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
        "Pass an auction of this market: auction_address(market, starts_at).",
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
        "Sign with the market's pending_authority, or have the authority propose this key.",
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
        "Wait until the offer's expires_at, or have the owner cancel it.",
    ),
    Refusal(
        "amount exceeds the offer",
        "Less than that is left of the offer.",
        "Take at most the offer's amount.",
    ),
    Refusal(
        "amount is below the minimum fill",
        "The maker gives no less at once, but for what is left in the end.",
        "Take at least the offer's minimum_fill, or all that is left.",
    ),
    Refusal(
        "cost exceeds the maximum",
        "At the offer's price, which may have changed, the energy costs more than the caller accepts.",
        "Read the offer again, and raise maximum_cost if it is still acceptable.",
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
        "Give an amount of at least the market's minimum_order.",
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
        "Propose a price at the auction's closes_at or later.",
    ),
    Refusal(
        "order is not the next one",
        "The orders of a book are counted once each, in the order of their indices.",
        "Count the order whose index is the clearing's counted.",
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
        "price is not the lowest that maximises the volume",
        "A lower price brings the same trade, and of all of these the lowest clears.",
        "Propose the lowest one, and count the book from it.",
    ),
    Refusal(
        "auction is not cleared",
        "What its orders bring is not known before.",
        "Clear it first; if a day has passed since its gate closed, take the orders back with cancel_order.",
    ),
)

VIRTUAL_POWER_PLANT = (
    Refusal(
        "target must be positive",
        "There would be nothing to deliver.",
        "Give a target of at least 1 base unit of energy, 1 Wh.",
    ),
    Refusal(
        "target exceeds a terawatt hour",
        "A dispatch is for 1,000,000,000,000 Wh at most.",
        "Give the target in Wh, or announce several dispatches.",
    ),
    Refusal(
        "price must be positive",
        "Nobody could earn anything.",
        "Give a price of at least 1 base unit of payment for 1,000 Wh.",
    ),
    Refusal(
        "bond price must be positive",
        "A commitment without a bond binds nobody.",
        "Give a bond price of at least 1 base unit of payment for 1,000 Wh.",
    ),
    Refusal(
        "tolerance exceeds 10000 basis points",
        "At most as much again as was committed can be delivered beyond it.",
        "Give a tolerance of 0 to 10,000 basis points.",
    ),
    Refusal(
        "dispatch starts in the past",
        "Participants commit before the start, so there has to be time for it.",
        "Give a start in the future, in Unix seconds.",
    ),
    Refusal(
        "dispatch ends before it starts",
        "There would be no time to deliver.",
        "Give an end after the start, in Unix seconds.",
    ),
    Refusal(
        "dispatch ends more than a year ahead",
        "The reward and the bonds would be held for too long.",
        "Give an end within a year, 31,536,000 s.",
    ),
    Refusal(
        "payment mint is the energy mint",
        "Energy is paid for with tokens of another mint.",
        "Initialize with two different mints.",
    ),
    Refusal(
        "energy mint must have 3 decimals",
        "The program counts energy in Wh, thousandths of a token.",
        "Initialize with an energy mint of 3 decimals.",
    ),
    Refusal(
        "payment mint is not of this plant",
        "A plant pays in the tokens of one mint only.",
        "Pass the payment mint that the plant names.",
    ),
    Refusal(
        "signer is not the authority",
        "Only the plant's authority announces, cancels, pauses and hands over.",
        "Sign with the plant's authority.",
    ),
    Refusal(
        "plant is paused",
        "Its authority has stopped announcements and commitments; deliveries and settlement go on.",
        "Wait until the authority resumes; there is no need to pause again.",
    ),
    Refusal(
        "plant is not paused",
        "Announcements and commitments are taken already.",
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
        "Sign with the plant's pending_authority, or have the authority propose this key.",
    ),
    Refusal(
        "dispatch belongs to another plant",
        "The dispatch account is of another plant than the one given.",
        "Pass a dispatch of this plant: dispatch_address(plant, number).",
    ),
    Refusal(
        "dispatch is active already",
        "The terms of a dispatch that is announced cannot be changed.",
        "Settle or cancel it first, or announce another: open_dispatch.",
    ),
    Refusal(
        "commitments are not all settled",
        "The account is used again only when its last dispatch owes nobody anything.",
        "Settle its commitments, which anyone can do, or announce another dispatch: open_dispatch.",
    ),
    Refusal(
        "dispatch is not active",
        "It is not announced, was cancelled, or the operator's part of it is settled.",
        "Read the dispatch again; there may be nothing to do.",
    ),
    Refusal(
        "dispatch was announced anew",
        "Its terms are others than those that the commitment is for.",
        "Read the dispatch again, and give its announcement if its terms are acceptable.",
    ),
    Refusal(
        "dispatch has started",
        "Commitments and cancellation end when the window begins.",
        "Wait for the next dispatch; what this one owes is settled after its end.",
    ),
    Refusal(
        "dispatch has not started",
        "Energy counts within the window only.",
        "Deliver from its start, starts_at, on.",
    ),
    Refusal(
        "dispatch has ended",
        "Energy counts within the window only.",
        "Deliver no more: settle the commitment.",
    ),
    Refusal(
        "dispatch has not ended",
        "What is earned is known only when the window has ended.",
        "Settle from its end, ends_at, on.",
    ),
    Refusal(
        "commitment belongs to another plant",
        "The commitment account is of another plant than the one given.",
        "Pass a commitment of this plant: commitment_address(plant, owner, number).",
    ),
    Refusal(
        "commitment belongs to another owner",
        "Only a commitment's owner commits and delivers with it.",
        "Sign with its owner, or pass the signer's own.",
    ),
    Refusal(
        "commitment is active already",
        "It is part of a dispatch that it is not settled for.",
        "Settle it first, or open another: open_commitment.",
    ),
    Refusal(
        "commitment is not active",
        "Nothing is committed with it, or it is settled already.",
        "There is nothing to deliver or to settle: commit first.",
    ),
    Refusal(
        "commitment belongs to another dispatch",
        "It was made to another dispatch than the one given.",
        "Pass the dispatch that the commitment names.",
    ),
    Refusal(
        "amount must be positive",
        "There is nothing to move.",
        "Give an amount of at least 1 base unit.",
    ),
    Refusal(
        "amount exceeds what is left of the target",
        "Others have committed to the rest, or the target is smaller.",
        "Commit to at most the target less what is committed.",
    ),
    Refusal(
        "amount exceeds the commitment and its tolerance",
        "No more is taken than was committed and the tolerance beyond it.",
        "Deliver at most that, less what is delivered already.",
    ),
    Refusal(
        "energy vault is not of this plant",
        "What is delivered is in one vault only.",
        "Pass that vault: energy_vault_address(plant).",
    ),
    Refusal(
        "payment vault is not of this plant",
        "Rewards and bonds are in one vault only, and a new plant has none yet.",
        "Pass that vault, payment_vault_address(plant); where there is none, open_payment_vault makes it.",
    ),
    Refusal(
        "source is the energy vault",
        "The vault's tokens are the dispatches' already.",
        "Deliver from a token account of the owner's.",
    ),
    Refusal(
        "source is the payment vault",
        "The vault's tokens are the dispatches' already.",
        "Pay from a token account of the signer's.",
    ),
    Refusal(
        "source holds another mint",
        "Energy and payments are tokens of the plant's two mints only.",
        "Name a token account of the right one of these mints.",
    ),
    Refusal(
        "source belongs to another owner",
        "What is paid and delivered counts for the signer, so only the signer's own tokens are taken.",
        "Name a token account that the signer owns, not one delegated to them.",
    ),
    Refusal(
        "destination is the payment vault",
        "The tokens would leave the plant's books but not the vault.",
        "Name another token account.",
    ),
    Refusal(
        "destination holds another mint",
        "Tokens can only go to an account of their mint.",
        "Name a token account of the right one of the plant's mints.",
    ),
    Refusal(
        "destination belongs to another owner",
        "What is settled goes to the owner of the commitment, or to the plant's authority.",
        "Name a token account that they own.",
    ),
    Refusal(
        "energy vault is the payment vault",
        "One account is given as both.",
        "Pass energy_vault_address(plant) and payment_vault_address(plant).",
    ),
    Refusal(
        "energy destination is the energy vault",
        "The energy would leave the plant's books but not the vault.",
        "Name a token account of the authority's.",
    ),
    Refusal(
        "energy destination is the payment vault",
        "Energy cannot go to the vault of the payments.",
        "Name a token account of the authority's, of the energy mint.",
    ),
    Refusal(
        "payment destination is the energy vault",
        "Payments cannot go to the vault of the energy.",
        "Name a token account of the authority's, of the payment mint.",
    ),
    Refusal(
        "payment destination is the payment vault",
        "The payment would leave the plant's books but not the vault.",
        "Name a token account of the authority's.",
    ),
    Refusal(
        "destinations are the same",
        "Energy and payments are tokens of different mints.",
        "Name one token account of the authority's for each.",
    ),
)
