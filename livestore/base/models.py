from livestore.base.outbox import OutboxRow

__all__ = ["OutboxRow"]
