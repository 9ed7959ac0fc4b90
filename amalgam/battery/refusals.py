"""The refusals of energy_allocation, in its own words, each with a remedy.

One entry for each message of an `assert` in `programs_py/energy_allocation.py`.
"""

from amalgam.chain.refusal import Refusal

# How an account that is missing is created
CREATION = "initialize, or open_member for a member"

REFUSALS = (
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
        "Only a member's owner can deposit, withdraw, allocate, deallocate, consume and take rent back.",
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
        "Read the efficiency again, and lower the minimum credit if it is still acceptable.",
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
        "Wait until the allocation expires, or have the owner deallocate.",
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
        "Sign with the key that was proposed, or have the authority propose this key.",
    ),
)
