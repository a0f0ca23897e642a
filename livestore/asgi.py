"""The ASGI application: orders to the thin door, the picture to its own, other HTTP to Django, /ws/ to the rooms."""

from __future__ import annotations

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "livestore.settings")

from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application

django = get_asgi_application()

from livestore.observed import Observed  # noqa: E402  (models need the line above)
from livestore.thin.orders import OrdersFirst, ThinOrders  # noqa: E402
from streams.room.routing import websocket_urlpatterns  # noqa: E402
from streams.video.door import PictureFirst  # noqa: E402

orders = ThinOrders()
http = PictureFirst(OrdersFirst(orders, django))
application = Observed(
    ProtocolTypeRouter({"http": http, "websocket": URLRouter(websocket_urlpatterns)})
)
