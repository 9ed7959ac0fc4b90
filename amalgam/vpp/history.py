"""A virtual power plant rebuilt from its events alone: its dispatches and commitments."""

from dataclasses import replace

from solders.pubkey import Pubkey

from amalgam.chain.ledger_history import LedgerHistory
from amalgam.vpp.program import (
    PROGRAM_ID,
    UNITS_PER_PRICE,
    AuthorityAccepted,
    AuthorityProposed,
    Commitment,
    CommitmentOpened,
    CommitmentSettled,
    Dispatch,
    DispatchAnnounced,
    DispatchCancelled,
    DispatchOpened,
    DispatchSettled,
    EnergyCommitted,
    EnergyDelivered,
    Event,
    PaymentVaultOpened,
    Plant,
    PlantInitialized,
    PlantPaused,
    PlantResumed,
    commitment_address,
    dispatch_address,
    energy_vault_address,
    payment_vault_address,
    plant_address,
)

_NOWHERE = Pubkey.default()
_TERMS = ("starts_at", "ends_at", "target", "price", "bond_price", "reward", "tolerance_bps")
_COUNTED = (
    *("committed", "commitment_count", "settled_count", "credited", "surplus", "surplus_settled"),
    *("bonds", "rewards_due", "bonds_due"),
)


class History(LedgerHistory[Event]):
    """A virtual power plant as its events tell it so far."""

    first = PlantInitialized

    @property
    def plant(self) -> Plant:
        """What the account at `address` holds after the latest event."""
        return self.accounts[self.address]

    def _take(self, event: Event, unix_timestamp: int | None) -> None:  # noqa: ARG002 (others need it)
        match event:
            case PlantInitialized():
                self._initialize(event)
            case PaymentVaultOpened():
                self._compare(event, payment_vault=payment_vault_address(self.address))
                self._set(self.address, event, payment_vault=event.payment_vault)
            case PlantPaused() | PlantResumed():
                self._set(self.address, event, paused=isinstance(event, PlantPaused))
            case AuthorityProposed():
                self._set(self.address, event, pending_authority=event.proposed)
            case AuthorityAccepted():
                self._compare(event, authority=self.plant.pending_authority)
                self._set(self.address, event, authority=event.authority)
            case CommitmentOpened():
                self._open_commitment(event)
            case DispatchOpened():
                self._open_dispatch(event)
            case EnergyCommitted() | EnergyDelivered() | CommitmentSettled():
                commitment = self._get(event.commitment, event, Commitment)
                self._take_part(event, self._get(event.dispatch, event, Dispatch), commitment)
            case _:
                self._dispatch(event, self._get(event.dispatch, event, Dispatch))
        self._compare(event, energy_held=self.plant.energy_held, payment_held=self.plant.payment_held)

    def _initialize(self, event: PlantInitialized) -> None:
        made_of = (event.authority, event.energy_mint, event.payment_mint)
        self._compare(event, plant=plant_address(*made_of))
        _, bump = Pubkey.find_program_address([b"plant", *map(bytes, made_of)], PROGRAM_ID)
        self.accounts[self.address] = Plant(
            creator=event.authority,
            authority=event.authority,
            pending_authority=event.authority,
            energy_mint=event.energy_mint,
            payment_mint=event.payment_mint,
            energy_vault=energy_vault_address(self.address),
            payment_vault=_NOWHERE,
            energy_held=0,
            payment_held=0,
            sequence=1,
            paused=False,
            bump=bump,
        )

    def _open_commitment(self, event: CommitmentOpened) -> None:
        self._compare(event, commitment=commitment_address(event.plant, event.owner, event.number))
        opened = Commitment(event.plant, event.owner, _NOWHERE, 0, 0, 0, event.number, active=False)
        self._add(event.commitment, event, opened)

    def _open_dispatch(self, event: DispatchOpened) -> None:
        self._compare(event, dispatch=dispatch_address(event.plant, event.number))
        opened = Dispatch(
            event.plant,
            announcement=0,
            **dict.fromkeys((*_TERMS, *_COUNTED), 0),
            number=event.number,
            active=False,
            cancelled=False,
        )
        self._add(event.dispatch, event, opened)

    def _hold(self, event: Event, *, energy: int = 0, payment: int = 0) -> None:
        """Add to what the vaults hold for others."""
        held = {"energy_held": self.plant.energy_held + energy}
        self._set(self.address, event, **held, payment_held=self.plant.payment_held + payment)

    def _dispatch(
        self, event: DispatchAnnounced | DispatchCancelled | DispatchSettled, dispatch: Dispatch
    ) -> None:
        match event:
            case DispatchAnnounced():
                self._compare(event, reward=-(-event.target * event.price // UNITS_PER_PRICE))
                self.accounts[event.dispatch] = replace(
                    dispatch,
                    announcement=event.sequence,
                    **{name: getattr(event, name) for name in _TERMS},
                    **dict.fromkeys(_COUNTED, 0),
                    active=True,
                    cancelled=False,
                )
                self._hold(event, payment=event.reward)
            case DispatchCancelled():
                self._compare(event, reward=dispatch.reward)
                self._hold(event, payment=-event.reward)
                self._set(event.dispatch, event, active=False, cancelled=True)
            case DispatchSettled():
                energy = dispatch.credited + dispatch.surplus
                self._compare(event, energy=energy, payment=dispatch.remainder, pool=dispatch.pool)
                self._hold(event, energy=-energy, payment=-event.payment)
                self._set(event.dispatch, event, active=False)

    def _take_part(
        self,
        event: EnergyCommitted | EnergyDelivered | CommitmentSettled,
        dispatch: Dispatch,
        commitment: Commitment,
    ) -> None:
        match event:
            case EnergyCommitted():
                committed = dispatch.committed + event.amount
                self._compare(event, bond=dispatch.bond(event.amount), committed=committed)
                part = {"amount": event.amount, "delivered": 0, "bond": event.bond}
                self._set(event.commitment, event, dispatch=event.dispatch, active=True, **part)
                self._set(
                    event.dispatch,
                    event,
                    committed=committed,
                    commitment_count=dispatch.commitment_count + 1,
                    bonds=dispatch.bonds + event.bond,
                )
                self._hold(event, payment=event.bond)
            case EnergyDelivered():
                self._compare(event, dispatch=commitment.dispatch)
                self._deliver(event, dispatch, commitment)
            case CommitmentSettled():
                self._compare(event, dispatch=commitment.dispatch)
                self._settle(event, dispatch, commitment)

    def _deliver(self, event: EnergyDelivered, dispatch: Dispatch, commitment: Commitment) -> None:
        after = replace(commitment, delivered=commitment.delivered + event.amount)
        was, is_ = _Earned(commitment, dispatch), _Earned(after, dispatch)
        changes = {
            "credited": dispatch.credited + is_.credited - was.credited,
            "surplus": dispatch.surplus + is_.surplus - was.surplus,
        }
        self._compare(event, delivered=after.delivered, **changes)
        self.accounts[event.commitment] = after
        self._set(
            event.dispatch,
            event,
            rewards_due=dispatch.rewards_due + is_.reward - was.reward,
            bonds_due=dispatch.bonds_due + is_.bond - was.bond,
            **changes,
        )
        self._hold(event, energy=event.amount)

    def _settle(self, event: CommitmentSettled, dispatch: Dispatch, commitment: Commitment) -> None:
        earned = _Earned(commitment, dispatch)
        self._compare(event, reward=earned.reward, bond=earned.bond, share=dispatch.share(earned.surplus))
        self._hold(event, payment=-(event.reward + event.bond + event.share))
        self._set(event.commitment, event, active=False)
        self._set(
            event.dispatch,
            event,
            settled_count=dispatch.settled_count + 1,
            surplus_settled=dispatch.surplus_settled + earned.surplus,
        )


class _Earned:
    """What a commitment has earned by itself, with what it has delivered."""

    def __init__(self, commitment: Commitment, dispatch: Dispatch) -> None:
        if dispatch.cancelled:
            self.credited, self.surplus, self.reward, self.bond = 0, 0, 0, commitment.bond
            return
        self.credited = min(commitment.delivered, commitment.amount)
        self.surplus = commitment.delivered - self.credited
        self.reward = self.credited * dispatch.price // UNITS_PER_PRICE
        self.bond = commitment.bond * self.credited // commitment.amount
