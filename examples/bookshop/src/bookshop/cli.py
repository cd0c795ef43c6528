"""The shop on the command line."""

import argparse
import asyncio
import sys

import bookshop
from bookshop.events import subscribe
from bookshop.orders.pricing import chain, percent, voucher
from bookshop.payments import CardGateway, PaymentRefused


@subscribe("paid")
def thank(order: bookshop.Order) -> None:
    print(f"Thank you for order {order.number}!")


def parser() -> argparse.ArgumentParser:
    result = argparse.ArgumentParser(prog="bookshop", description=__doc__)
    result.add_argument("words", help="what to look for")
    result.add_argument("--limit", type=int, default=5000, help="what the card allows, in cents")
    return result


def main(argv: list[str] | None = None) -> int:
    options = parser().parse_args(argv)
    catalogue = bookshop.Catalogue.sample()
    cart = bookshop.Cart(chain(percent(10), voucher(200)))
    for item in catalogue.search(options.words):
        print(item.describe())
        cart.add(item)
    try:
        asyncio.run(bookshop.place_order(cart, CardGateway(options.limit)))
    except (PaymentRefused, ValueError) as error:
        print(f"bookshop: {type(error).__name__}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
