from accounts.people.models import Address, Card, Follow, User
from accounts.tickets.models import ApiToken

__all__ = ["Address", "ApiToken", "Card", "Follow", "User"]
