"""The word lists of the demo corpus: nouns by category, adjectives, adverbs, times. Data only."""

from typing import Final


def words(text: str) -> tuple[str, ...]:
    """Split a block of words at white space; an underscore stands for a space inside an entry."""
    return tuple(word.replace("_", " ") for word in text.split())


NOUNS: Final[dict[str, tuple[str, ...]]] = {
    "animal": words("""
        dog cat horse cow sheep goat pig duck goose chicken rooster rabbit mouse rat squirrel fox wolf bear lion
        tiger elephant monkey giraffe zebra camel donkey deer moose otter beaver badger hedgehog bat owl eagle hawk
        crow raven sparrow robin pigeon dove swan parrot penguin seal whale dolphin shark salmon trout frog toad
        snake lizard turtle tortoise spider bee wasp ant butterfly beetle snail worm crab lobster kitten puppy lamb
        calf foal pony mule ox bull hen turkey peacock hamster ferret kangaroo panda leopard crocodile goldfish
    """),
    "food": words("""
        bread cheese soup rice pasta salad cake pie sandwich pizza apple orange banana pear peach plum grape cherry
        lemon melon carrot potato onion tomato cabbage pumpkin bean pea corn mushroom pepper garlic ginger honey
        butter jam egg bacon ham beef pork fish stew porridge pancake biscuit cookie chocolate candy pudding yogurt
        cream sugar salt flour nut almond walnut raisin berry strawberry noodle dumpling curry sausage burger steak
        muffin toast cereal omelette meal snack dinner lunch breakfast dessert
    """),
    "drink": words("""
        water milk tea coffee juice lemonade wine beer cider soda cocoa punch broth smoothie syrup whisky rum
    """),
    "tool": words("""
        hammer saw drill knife axe shovel spade rake broom mop bucket ladder rope nail screw wrench needle thread
        scissors brush pen pencil ruler compass lantern torch candle match key lock chain hook net basket barrel
        kettle pan pot spoon fork plate cup bowl bottle jar glass mug tray oven iron towel soap sponge comb razor
        umbrella whistle bell telescope microscope magnet battery tape glue stamp envelope chisel pliers wheelbarrow
    """),
    "clothing": words("""
        coat jacket shirt dress skirt sweater scarf hat cap glove sock shoe boot sandal belt tie suit uniform apron
        robe cloak blouse raincoat vest ring necklace bracelet watch crown mask helmet glasses purse wallet backpack
    """),
    "vehicle": words("""
        car truck bus train bicycle motorcycle boat ship ferry canoe raft plane helicopter tractor van taxi
        ambulance tram wagon cart sled scooter submarine yacht rocket carriage trailer balloon
    """),
    "machine": words("""
        computer printer phone camera radio television clock engine pump motor robot laptop tablet fridge freezer
        dishwasher heater fan lamp alarm elevator furnace generator calculator projector speaker microphone
        washing_machine vacuum_cleaner lawnmower typewriter screen keyboard server satellite turbine crane
    """),
    "furniture": words("""
        table chair bed sofa desk shelf cupboard wardrobe bench stool mirror carpet curtain drawer cradle bookcase
        pillow blanket mattress door window gate fence vase picture painting statue box chest suitcase bag
    """),
    "plant": words("""
        tree rose tulip lily daisy oak pine maple willow birch palm ivy fern moss grass clover wheat barley cotton
        bamboo cactus sunflower bush hedge vine weed seed root leaf branch flower lavender orchid mint thistle
    """),
    "building": words("""
        house school hospital library museum church temple castle tower bridge station airport hotel restaurant
        bakery factory warehouse barn cottage palace prison theatre cinema stadium bank office shop market farm mill
        lighthouse garage kitchen cellar attic university college court gallery pharmacy post_office apartment cabin
        café chapel monument swimming_pool gym laboratory studio greenhouse stable embassy town_hall
    """),
    "land": words("""
        river lake mountain hill valley forest desert island beach coast harbour bay cave cliff field meadow swamp
        canal waterfall glacier volcano park garden road street square village town city bridge path tunnel pond
        stream ocean sea shore canyon plain quarry vineyard orchard playground plaza border
    """),
    "text": words("""
        book letter poem novel story song report article newspaper magazine diary essay speech play script note
        message email map contract list recipe menu poster ticket passport form test exam homework lesson law bill
        petition review biography dictionary manual postcard invitation certificate receipt
    """),
    "event": words("""
        meeting party wedding concert festival match race election trial funeral parade conference lecture
        exhibition competition tournament ceremony picnic trip holiday journey war battle storm flood fire strike
        protest debate interview performance rehearsal auction sale birthday graduation game contest vote campaign
        show earthquake
    """),
    "idea": words("""
        plan idea decision problem question answer reason theory project rule habit promise secret dream skill
        talent reputation career budget price tax cost loan debt salary goal offer deal agreement mistake success
        failure method policy programme proposal risk danger advice opinion argument evidence record crime theft
    """),
    "material": words("""
        wood stone brick glass steel iron gold silver copper tin lead clay sand paper leather wool silk cotton
        plastic rubber concrete marble coal oil gas wax rope straw bronze
    """),
    "job": words("""
        teacher doctor nurse farmer baker butcher carpenter plumber painter singer actor writer poet lawyer judge
        soldier sailor captain pilot driver waiter cook chef cleaner gardener tailor barber dentist scientist
        engineer student professor librarian journalist reporter editor photographer dancer musician artist
        architect builder banker clerk secretary manager mayor minister president king queen prince princess general
        guard detective police_officer firefighter fisherman hunter miner mechanic shopkeeper merchant thief burglar
        lifeguard coach player referee athlete runner swimmer cyclist priest monk nun shepherd blacksmith programmer
        accountant electrician paramedic surgeon pharmacist counsellor technician inspector supervisor receptionist
        hairdresser translator philosopher historian biologist chemist physicist astronomer economist candidate
        senator governor
    """),
    "person": words("""
        man woman boy girl child baby neighbour friend stranger visitor guest customer client patient passenger
        tourist traveller pupil employee boss owner tenant landlord witness victim suspect winner loser leader
        member volunteer teenager grandmother grandfather mother father brother sister aunt uncle cousin nephew
        niece son daughter husband wife bystander resident buyer seller applicant pedestrian taxpayer speaker host
        villager citizen
    """),
    "group": words("""
        team class family crew band choir army committee council government company club crowd audience jury union
        police board party staff orchestra gang tribe agency department ministry firm charity
    """),
    "disease": words("""
        cold flu fever cough headache toothache measles malaria allergy infection rash injury burn stomach_ache
        broken_leg sore_throat wound bruise
    """),
    "instrument": words("""
        piano guitar violin flute drum trumpet cello harp clarinet saxophone organ banjo accordion
    """),
    "sport": words("""
        football tennis basketball cricket rugby hockey golf swimming chess boxing skating skiing running cycling
        rowing sailing baseball volleyball gymnastics wrestling archery badminton
    """),
    "subject": words("""
        history music physics chemistry biology mathematics geography law medicine economics philosophy art drama
        French Spanish Latin German English astronomy engineering poetry cooking dancing painting
    """),
    "body": words("""
        head hand arm leg foot finger knee shoulder back neck ear eye nose mouth tooth heart hair skin toe ankle
        elbow wrist thumb chin cheek tail wing beak fur feather horn paw claw
    """),
}

HYPERNYMS: Final[dict[str, str]] = {
    "animal": "animal",
    "drink": "drink",
    "tool": "object",
    "clothing": "piece of clothing",
    "vehicle": "vehicle",
    "machine": "machine",
    "furniture": "object",
    "plant": "plant",
    "building": "building",
    "event": "event",
    "text": "document",
    "instrument": "instrument",
    "job": "person",
    "person": "person",
}

ADJECTIVES: Final[dict[str, tuple[str, ...]]] = {
    "thing": words("""
        old new big small large tiny huge heavy light red blue green yellow white black brown grey pink purple
        orange broken clean dirty wet dry cheap expensive beautiful ugly strange famous modern ancient wooden
        plastic golden silver empty full long short wide narrow thick thin round square sharp soft hard rough smooth
        bright dark simple special rare common local foreign useful fancy shiny rusty dusty warm cold hot cool fresh
        second first last next favourite perfect royal public private secret valuable
    """),
    "person": words("""
        old young tall short rich poor kind cruel clever foolish brave shy quiet loud friendly lonely happy sad
        angry tired hungry thirsty sick healthy strong weak busy lazy careful careless honest proud famous polite
        rude nervous calm patient curious talented elderly wise generous greedy cheerful stubborn local retired
        former worried experienced ambitious jealous blind skilled unemployed
    """),
    "abstract": words("""
        good bad great terrible important serious difficult easy new old simple clever strange secret final early
        late big small successful expensive popular unpopular recent annual national international legal illegal
        possible
    """),
    "animal": words("""
        big small brown black white grey wild tame hungry fast slow old young fat thin angry gentle noisy lost
        injured friendly dangerous sleepy clever spotted
    """),
}

MANNER: Final = words("""
    quickly slowly carefully quietly loudly happily sadly angrily suddenly finally easily secretly proudly gently
    badly politely immediately eventually recently usually often rarely always again together alone early late
    nearby abroad outside indoors upstairs everywhere accidentally deliberately reluctantly eagerly nervously calmly
""")

WEEKDAYS: Final = words("Monday Tuesday Wednesday Thursday Friday Saturday Sunday")
MONTHS: Final = words("January February March April May June July August September October November December")
WHEN: Final = words("""
    yesterday last_week last_month last_year last_night this_morning in_the_morning in_the_afternoon in_the_evening
    at_noon at_midnight at_night before_dawn after_lunch before_dinner during_the_war in_the_spring in_the_summer
    in_the_autumn in_the_winter two_days_ago three_weeks_ago a_year_ago at_the_weekend on_her_birthday
    after_the_storm every_day every_week over_the_holidays
""")
NUMBERS: Final = words("""
    two three four five six seven eight nine ten eleven twelve fifteen twenty thirty forty fifty sixty ninety
    a_hundred several many few dozens_of hundreds_of thousands_of
""")
COLOURS: Final = words("red blue green yellow white black brown grey pink purple orange")
