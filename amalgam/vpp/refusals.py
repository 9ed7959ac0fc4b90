"""The refusals of virtual_power_plant, in its own words, each with a remedy.

One entry for each message of an `assert` in `programs_py/virtual_power_plant.py`.
"""

from amalgam.chain.refusal import Refusal

# How an account that is missing is created
CREATION = "initialize makes a plant, open_dispatch a dispatch, open_commitment a commitment"

REFUSALS = (
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
        "Sign with the key that was proposed, or have the authority propose this key.",
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
        "Deliver when the window has begun.",
    ),
    Refusal(
        "dispatch has ended",
        "Energy counts within the window only.",
        "Deliver no more: settle the commitment.",
    ),
    Refusal(
        "dispatch has not ended",
        "What is earned is known only when the window has ended.",
        "Settle when the window has ended.",
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
        "Pass that vault, payment_vault_address(plant); if there is none, open_payment_vault makes it.",
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
