"""Methods, and how they are found."""


class Base:
    kind = None

    def __init__(self):
        self.set_up()

    def set_up(self):
        pass

    def run(self):
        self.step()
        self.helper()

    def step(self):
        raise NotImplementedError

    @classmethod
    def make(cls):
        return cls()

    @staticmethod
    def helper():
        pass

    @property
    def size(self):
        return self.measure()

    def measure(self):
        return 1


class Derived(Base):
    def set_up(self):
        super().set_up()
        self.callback = self.measure

    def step(self):
        self.callback()


class Callable:
    def __call__(self):
        return Derived()


class Left(Base):
    def step(self):
        super().step()


class Right(Base):
    def step(self):
        pass


class Both(Left, Right):
    pass


Derived.make().run()
Derived().size
Callable()().run()
Both().step()
Base.helper()
Base.step(Derived())

# top -> Base.make, Base.run, Base.size, Base.__init__, Callable.__call__, Left.step, Base.helper, Base.step
# Base.__init__ -> Base.set_up, Derived.set_up
# Base.run -> Base.step, Derived.step, Base.helper
# Base.make -> Base.__init__
# Base.size -> Base.measure
# Derived.set_up -> Base.set_up, builtins.super
# Derived.step -> Base.measure
# Callable.__call__ -> Base.__init__
# Left.step -> Base.step, Right.step, builtins.super
