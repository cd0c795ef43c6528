import unittest

from bookshop import Book, Cart, place_order
from bookshop.orders.pricing import chain, percent, voucher
from bookshop.payments import CardGateway, InvoiceGateway, PaymentRefused


def cart_of(price: int) -> Cart:
    return Cart().add(Book("A", price))


class PricingTest(unittest.TestCase):
    def test_discounts_chain(self) -> None:
        self.assertEqual(chain(percent(50), voucher(10))(100), 40)

    def test_a_voucher_is_used_up(self) -> None:
        discount = voucher(10)
        self.assertEqual([discount(8), discount(8)], [0, 6])


class CheckoutTest(unittest.IsolatedAsyncioTestCase):
    async def test_pays_by_card(self) -> None:
        order = await place_order(cart_of(100), CardGateway(limit=1000))
        self.assertTrue(order.paid)

    async def test_a_refused_card_is_told(self) -> None:
        with self.assertRaises(PaymentRefused):
            await place_order(cart_of(100), CardGateway(limit=1))

    async def test_invoices_are_kept(self) -> None:
        gateway = InvoiceGateway()
        await place_order(cart_of(100), gateway)
        self.assertEqual(len(gateway.bills), 1)
