"""The refusals of energy_metering, in its own words, each with a remedy.

One entry for each message of an `assert` in `programs_py/energy_metering.py`.
"""

from amalgam.chain.refusal import Refusal

# How an account that is missing is created
CREATION = "initialize makes an issuer, register_meter a meter"

REFUSALS = (
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
        "A reading counts only if the meter's own device has signed it.",
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
        "Read it again; if it has really begun anew, have the authority replace the device.",
    ),
    Refusal(
        "register has risen faster than the rated power",
        "In the time since the latest reading the meter cannot have measured so much.",
        "Send the reading again later: if only rounding is in the way, it passes. Else check the rating.",
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
        "Sign with the key that was proposed, or have the authority propose this key.",
    ),
)
