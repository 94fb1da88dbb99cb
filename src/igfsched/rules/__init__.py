"""The catalogue: every rule by its name.

- `CATALOGUE`: rule classes by name.
- `leximin`: rules of consecutive tiers, the worst first.
- `PRESETS`: ready-made sets of rules by name; `active_rules(programme)` says which rules hold.
"""

from __future__ import annotations

from igfsched.rule import Rule as Rule
from igfsched.rules.balance import Balance as Balance
from igfsched.rules.blocks import CellPrices as CellPrices
from igfsched.rules.blocks import CellTracks as CellTracks
from igfsched.rules.blocks import PairsApart as PairsApart
from igfsched.rules.blocks import SimilarTracks as SimilarTracks
from igfsched.rules.capacities import ParallelCap as ParallelCap
from igfsched.rules.capacities import TeamCapacity as TeamCapacity
from igfsched.rules.capacities import TrackParallel as TrackParallel
from igfsched.rules.clashes import PersonClash as PersonClash
from igfsched.rules.clashes import Rest as Rest
from igfsched.rules.clashes import RoomClash as RoomClash
from igfsched.rules.comfort import Comfort as Comfort
from igfsched.rules.expected import AudienceComfort as AudienceComfort
from igfsched.rules.expected import AudienceReach as AudienceReach
from igfsched.rules.fairness import FairPersons as FairPersons
from igfsched.rules.fairness import FairRegions as FairRegions
from igfsched.rules.fairness import leximin as leximin
from igfsched.rules.gaps import ConsecutiveTracks as ConsecutiveTracks
from igfsched.rules.gaps import Idle as Idle
from igfsched.rules.gaps import PersonDays as PersonDays
from igfsched.rules.gaps import PersonSpan as PersonSpan
from igfsched.rules.gaps import TrackRooms as TrackRooms
from igfsched.rules.interest import Attendance as Attendance
from igfsched.rules.interest import Audience as Audience
from igfsched.rules.interest import CoInterest as CoInterest
from igfsched.rules.interest import Interest as Interest
from igfsched.rules.mixture import Crowd as Crowd
from igfsched.rules.mixture import Diversity as Diversity
from igfsched.rules.mixture import LevelFlow as LevelFlow
from igfsched.rules.mixture import PopularRooms as PopularRooms
from igfsched.rules.nights import NightLimit as NightLimit
from igfsched.rules.nights import NightRest as NightRest
from igfsched.rules.pairings import Pause as Pause
from igfsched.rules.pairings import Prerequisites as Prerequisites
from igfsched.rules.pairings import TopicDays as TopicDays
from igfsched.rules.pairings import TopicRooms as TopicRooms
from igfsched.rules.people import OptionalPersonClash as OptionalPersonClash
from igfsched.rules.people import PersonAvailability as PersonAvailability
from igfsched.rules.placement import OnGrid as OnGrid
from igfsched.rules.placement import Placed as Placed
from igfsched.rules.placement import WindowHours as WindowHours
from igfsched.rules.places import PlacePrices as PlacePrices
from igfsched.rules.places import SlotChoice as SlotChoice
from igfsched.rules.presets import PRESETS as PRESETS
from igfsched.rules.presets import active_rules as active_rules
from igfsched.rules.prices import Answer as Answer
from igfsched.rules.prices import Answers as Answers
from igfsched.rules.prices import DurationChoice as DurationChoice
from igfsched.rules.prices import RoomPrice as RoomPrice
from igfsched.rules.prices import RoomPrices as RoomPrices
from igfsched.rules.prices import StartPrice as StartPrice
from igfsched.rules.prices import StartPrices as StartPrices
from igfsched.rules.quorum import Quorum as Quorum
from igfsched.rules.relations import Apart as Apart
from igfsched.rules.relations import Before as Before
from igfsched.rules.relations import DifferentDays as DifferentDays
from igfsched.rules.relations import Ordered as Ordered
from igfsched.rules.relations import Plenary as Plenary
from igfsched.rules.relations import SameDay as SameDay
from igfsched.rules.relations import SameRoom as SameRoom
from igfsched.rules.relations import Spread as Spread
from igfsched.rules.restrictions import Allowed as Allowed
from igfsched.rules.restrictions import Duration as Duration
from igfsched.rules.restrictions import FixedRoom as FixedRoom
from igfsched.rules.restrictions import FixedStart as FixedStart
from igfsched.rules.restrictions import Phases as Phases
from igfsched.rules.restrictions import Preferred as Preferred
from igfsched.rules.rooms import RoomAvailability as RoomAvailability
from igfsched.rules.rooms import RoomChoice as RoomChoice
from igfsched.rules.rooms import RoomCount as RoomCount
from igfsched.rules.rotation import Rotation as Rotation
from igfsched.rules.satisfaction import Ease as Ease
from igfsched.rules.satisfaction import Liking as Liking
from igfsched.rules.satisfaction import Satisfaction as Satisfaction
from igfsched.rules.shape import Compact as Compact
from igfsched.rules.stability import Displacement as Displacement
from igfsched.rules.stability import Moves as Moves
from igfsched.rules.stability import Notice as Notice
from igfsched.rules.stability import RoomChanges as RoomChanges
from igfsched.rules.timing import BackToBack as BackToBack
from igfsched.rules.timing import SameStart as SameStart
from igfsched.rules.timing import SeriesDistance as SeriesDistance
from igfsched.rules.tracks import ParallelRooms as ParallelRooms
from igfsched.rules.tracks import TrackOrder as TrackOrder
from igfsched.rules.workload import DailyMaximum as DailyMaximum
from igfsched.rules.workload import DayMaximum as DayMaximum

CATALOGUE: dict[str, type[Rule]] = {
    rule.name: rule for rule in (
        Placed, WindowHours, OnGrid, Duration, DurationChoice, Allowed, Phases, Preferred, StartPrices, FixedStart,
        FixedRoom, RoomChoice, RoomCount, RoomAvailability, RoomPrices, Answers,
        RoomClash, PersonClash, PersonAvailability, OptionalPersonClash, Rest, DailyMaximum, PersonDays, PersonSpan,
        NightLimit, NightRest, ParallelCap, TrackParallel, TeamCapacity,
        Before, Ordered, Apart, Plenary, SameDay, DifferentDays, Spread, DayMaximum,
        BackToBack, SameStart, SameRoom, SeriesDistance, Rotation,
        Audience, CoInterest, Attendance, Quorum,
        Comfort, AudienceComfort, AudienceReach, FairPersons, FairRegions, Satisfaction,
        Compact, Balance, Idle, TrackRooms, ConsecutiveTracks, Diversity, LevelFlow, Crowd, PopularRooms,
        Moves, RoomChanges, Displacement, Notice,
        SlotChoice, PlacePrices, CellTracks, CellPrices, SimilarTracks, PairsApart, ParallelRooms, TrackOrder,
        Prerequisites, Pause, TopicRooms, TopicDays,
    )
}
