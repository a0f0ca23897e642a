"""The thin door: plain orders are answered ahead of Django, everything else goes on to Django. See ADR 0011."""
