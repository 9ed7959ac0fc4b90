"""The engine: transactions answered from Python source, as a chain answers from the built program."""

from seahorse.engine.chain import Engine, InnerInstruction, Outcome, Read, load_module, rent_exemption

__all__ = ["Engine", "InnerInstruction", "Outcome", "Read", "load_module", "rent_exemption"]
