"""Names that get functions."""


def one():
    pass


def two():
    pass


def three():
    pass


first, *others, last = one, two, three
first()
others[0]()
last()
(a, (b, c)) = three, (two, one)
a()
b()
c()

again = one
again()
again = two


def reads_again():
    again()


if (walrus := three):
    walrus()
chosen = one if walrus else two
chosen()
either = None or three
either()


def rebinds():
    global again
    again = three


def counts():
    step = one

    def swaps():
        nonlocal step
        step()
        step = two

    swaps()


reads_again()
rebinds()
counts()

# top -> one, two, three, reads_again, rebinds, counts
# reads_again -> one, two, three
# counts -> counts.swaps
# counts.swaps -> one, two
