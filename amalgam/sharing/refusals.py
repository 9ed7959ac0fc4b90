"""The refusals of energy_sharing, in its own words, each with a remedy.

One entry for each message of an `assert` in `programs_py/energy_sharing.py`.
"""

from amalgam.chain.refusal import Refusal

# How an account that is missing is created
CREATION = (
    "initialize makes a community, open_participant a participant, open_period a period, open_line a line"
)

REFUSALS = (
    Refusal(
        "objection time must be positive",
        "Participants could not object to anything.",
        "Give an objection time of at least 1 s.",
    ),
    Refusal(
        "objection time exceeds 30 days",
        "What is pledged for a period would be kept for too long.",
        "Give an objection time of at most 2,592,000 s.",
    ),
    Refusal(
        "fee exceeds 2000 basis points",
        "A community keeps a fifth of the charges at most.",
        "Give a fee of 0 to 2,000 basis points.",
    ),
    Refusal(
        "signer is not the authority",
        "Only the community's authority admits, settles, lends, pauses and hands over.",
        "Sign with the community's authority.",
    ),
    Refusal(
        "community is paused",
        "Its authority has stopped admissions, deposits and new periods; withdrawals go on.",
        "Wait until the authority resumes; there is no need to pause again.",
    ),
    Refusal(
        "community is not paused",
        "Nothing is stopped.",
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
        "amount must be positive",
        "There is nothing to move.",
        "Give an amount of at least 1 base unit.",
    ),
    Refusal(
        "vault is not of this community",
        "Balances and the reserve are in one vault only.",
        "Pass that vault: vault_address(community).",
    ),
    Refusal(
        "source is the vault",
        "The vault's tokens are the participants' already.",
        "Pay from a token account of the signer's.",
    ),
    Refusal(
        "source holds another mint",
        "A community is paid in the tokens of one mint only.",
        "Name a token account of the community's payment mint.",
    ),
    Refusal(
        "source belongs to another owner",
        "What is paid in counts for the signer, so only the signer's own tokens are taken.",
        "Name a token account that the signer owns, not one delegated to them.",
    ),
    Refusal(
        "destination is the vault",
        "The tokens would leave the community's books but not the vault.",
        "Name another token account.",
    ),
    Refusal(
        "destination holds another mint",
        "Tokens can only go to an account of their mint.",
        "Name a token account of the community's payment mint.",
    ),
    Refusal(
        "amount exceeds the free reserve",
        "The rest of the reserve is pledged for lines that are posted.",
        "Take out at most the reserve less what is pledged, or wait until the period is settled.",
    ),
    Refusal(
        "amount exceeds the free balance",
        "The rest of the balance is pledged for the period under way.",
        "Take out at most the balance less what is pledged, or wait until the period is settled.",
    ),
    Refusal(
        "participant belongs to another community",
        "The account is of another community than the one given.",
        "Pass a participant of this community: participant_address(community, owner).",
    ),
    Refusal(
        "participant belongs to another owner",
        "Only a participant's owner pays in, takes out and objects.",
        "Sign with its owner, or pass the signer's own.",
    ),
    Refusal(
        "participant is admitted already",
        "Each is counted once.",
        "There is nothing to do; set_credit_limit changes what they may owe.",
    ),
    Refusal(
        "participant left during this period",
        "They are still counted in the period under way, and would be in it no more.",
        "Admit them when the period is settled or withdrawn.",
    ),
    Refusal(
        "participant is not admitted",
        "They have left, or were never admitted.",
        "There is nothing to do; what is left of the balance can be withdrawn.",
    ),
    Refusal(
        "signer is neither the owner nor the authority",
        "A participant leaves by themselves, or is dismissed by the authority.",
        "Sign with the participant's owner, or with the community's authority.",
    ),
    Refusal(
        "period belongs to another community",
        "The period account is of another community than the one given.",
        "Pass a period of this community: period_address(community, number).",
    ),
    Refusal(
        "a period is under way already",
        "One period is settled at a time.",
        "Close and settle it, or withdraw it, first.",
    ),
    Refusal(
        "nobody is admitted",
        "There is nobody to settle with.",
        "Admit participants first: open_participant and admit.",
    ),
    Refusal(
        "period starts before the end of the last one",
        "The same time would be settled twice.",
        "Give a start at or after the community's settled_until, in Unix seconds.",
    ),
    Refusal(
        "period ends before it starts",
        "There is no time in it.",
        "Give an end after the start, in Unix seconds.",
    ),
    Refusal(
        "period is not over",
        "What is shared until its end is not known yet.",
        "Wait until its end, or give an end in the past, in Unix seconds.",
    ),
    Refusal(
        "period exceeds a year",
        "A period has at most 31,622,400 s.",
        "Settle it in several periods.",
    ),
    Refusal(
        "period is not being posted",
        "It has not begun, is closed already, or was withdrawn.",
        "Read the period again; begin_period begins one.",
    ),
    Refusal(
        "participant is not in this period",
        "They were admitted after it had begun, or had left before.",
        "Post no line for them in this period.",
    ),
    Refusal(
        "line belongs to another period",
        "The line account is of another period than the one given.",
        "Pass line_address(period, participant).",
    ),
    Refusal(
        "line belongs to another participant",
        "The line account is of another participant than the one given.",
        "Pass line_address(period, participant).",
    ),
    Refusal(
        "line is posted already",
        "A line counts once, and is not changed.",
        "Go on with the other lines; withdraw the period and begin it anew if the line is wrong.",
    ),
    Refusal(
        "charge exceeds balance and credit limit",
        "What the line takes is more than the participant has prepaid and may owe.",
        "Have them deposit, or raise their credit limit and deposit to the reserve, in the same transaction.",
    ),
    Refusal(
        "loan exceeds the free reserve",
        "What the participant has not prepaid is lent out of the reserve, and there is not enough.",
        "Deposit to the reserve: deposit_reserve.",
    ),
    Refusal(
        "lines are not all posted",
        "A period is closed with a line of everybody who is in it.",
        "Post the lines that are missing, also those of nothing.",
    ),
    Refusal(
        "what goes in is not what goes out",
        "The energy that members received is not what others passed on.",
        "Withdraw the period, compute it again, and post it anew.",
    ),
    Refusal(
        "credits exceed the charges",
        "Nobody would pay the difference.",
        "Withdraw the period, compute it again, and post it anew.",
    ),
    Refusal(
        "fee exceeds the policy",
        "The charges exceed the credits by more than the fee and 2 base units a line.",
        "Withdraw the period, compute it again, and post it anew.",
    ),
    Refusal(
        "line is not posted",
        "It is of an earlier period, or of none.",
        "Post it first: post_line.",
    ),
    Refusal(
        "too late to object",
        "The line is settled, or its period was withdrawn.",
        "Talk to the authority: it can correct the amount in the next period.",
    ),
    Refusal(
        "line is objected to already",
        "An objection counts once.",
        "There is nothing to do.",
    ),
    Refusal(
        "period is not under way",
        "It has not begun, is settled, or was withdrawn already.",
        "Read the period again; there may be nothing to do.",
    ),
    Refusal(
        "lines are settled already",
        "A period is settled whole once its first line is.",
        "Settle the other lines too, and correct what is wrong in the next period.",
    ),
    Refusal(
        "period has not lapsed and signer is not the authority",
        "Others can withdraw a period only if it was not closed within 604,800 s of its beginning.",
        "Sign with the community's authority, or wait.",
    ),
    Refusal(
        "period is not closed",
        "Its lines are still posted, or it is settled or withdrawn.",
        "Read the period again; close_period closes one.",
    ),
    Refusal(
        "time for objections is not over",
        "Participants may still look at their lines.",
        "Settle from closed_at plus objection_time on.",
    ),
    Refusal(
        "line is settled already",
        "A line counts once.",
        "There is nothing to do.",
    ),
    Refusal(
        "charges are not yet collected",
        "Credits are paid of charges that are settled before.",
        "Settle the lines with the largest charges first.",
    ),
)
