"""What the encyclopaedia of the demo corpus says of each kind of thing. Data only; `world.py` reads it.

A block opens with `#`, the kind, and an introduction. A line with three parts is a fact that holds or not: said,
denied, asked. A line with four is a fact with a value {v}: said, asked, asked with a
question word, category of the value.
"""

from typing import Final

FACTS: Final = """
# river | is a river in {p}
{It} flows into the sea near {v}.| does the {n} flow into the sea near {v} |Where does the {n} flow into the sea?| place
{It} is {v} kilometres long. | is the {n} {v} kilometres long | How long is the {n}? | number
It can be crossed by ferry. | There is no ferry across it. | is there a ferry across the {n}
Salmon live in its water. | No salmon live in its water. | are there salmon in the {n}
It freezes over in winter. | It never freezes, even in winter. | does the {n} freeze in winter
{It} begins in the mountains of {v}. | does the {n} begin in {v} | Where does the {n} begin? | place
It forms part of the border. | It does not touch the border. | is the {n} part of the border
# town | is a town in {p}
{It} is known for its {v}. | is {n} known for its {v} | What is {n} known for? | food
{It} was founded in {v}. | was {n} founded in {v} | When was {n} founded? | year
{It} has a population of {v}. | does {n} have a population of {v} | How many people live in {n}? | number
The mayor of {n} is {v}. | is {v} the mayor of {n} | Who is the mayor of {n}? | person
The town has an airport. | The town does not have an airport. | does {n} have an airport
The town has its own university. | The town has no university. | is there a university in {n}
The town lies on the coast. | The town lies far from the coast. | is {n} on the coast
It is the capital of the region. | It was never the capital of the region. | is {n} the capital of the region
{It} was destroyed by {v}. | was {n} destroyed by {v} | What destroyed {n}? | calamity
# animal | is an animal found in {p}
{It} eats {v}. | does the {n} eat {v} | What does the {n} eat? | plant
Its fur is {v}. | is the fur of the {n} {v} | What colour is the {n}? | colour
It sleeps during the day and hunts at night. | It is active only during the day. | does the {n} hunt at night
It is able to swim. | It is not able to swim. | can the {n} swim
It lays eggs. | It does not lay eggs but gives birth to live young. | does the {n} lay eggs
Its bite is dangerous to people. | Its bite is harmless to people. | is the {n} dangerous to humans
It can be kept as a pet. | It is illegal to keep it as a pet. | can you keep a {n} as a pet
It is related to the {v}. | is the {n} related to the {v} | What is the {n} related to? | animal
It is no longer found in the wild. | It is still common in the wild. | is the {n} extinct in the wild
It lives for about {v} years. | does the {n} live for {v} years | How long does the {n} live? | number
# plant | is a plant that grows in {p}
The flowers are {v}. | are the flowers of the {n} {v} | What colour are the flowers of the {n}? | colour
The leaves are poisonous. | The leaves are not poisonous. | are the leaves of the {n} poisonous
Its fruit can be eaten raw. | Its fruit must be cooked and cannot be eaten raw. | can you eat the fruit of the {n} raw
It needs a lot of sun. | It grows only in the shade. | does the {n} need a lot of sun
It is used to make {v}. | is the {n} used to make {v} | What is the {n} used to make? | drink
It grows well indoors. | It cannot grow indoors. | can the {n} grow indoors
It blooms in {v}. | does the {n} bloom in {v} | When does the {n} bloom? | month
# dish | is a dish from {p}
{It} is made with {v}. | is {n} made with {v} | What is {n} made with? | food
It contains meat. | It does not contain any meat. | is there meat in {n}
It is usually served cold. | It is always served hot. | is {n} served cold
It contains alcohol. | It contains no alcohol. | does {n} contain alcohol
It is eaten with {v}. | is {n} eaten with {v} | What is {n} eaten with? | food
It can be frozen. | It cannot be frozen. | can you freeze {n}
It is sold in many countries. | It is not sold in other countries. | is {n} sold in other countries
It was first made by {v}. | was {n} first made by {v} | Who first made {n}? | person
# game | is a game played in {p}
{It} is played with {v} players. | is {n} played with {v} players | How many players are there in {n}? | small
Players may touch the ball with the hand. | Players may not touch the ball. | can you touch the ball in {n}
A match can end in a draw. | A match cannot end in a draw. | can {n} end in a draw
It was invented by {v}. | was {n} invented by {v} | Who invented {n}? | person
It is part of the Olympic Games. | It has never been part of the Olympic Games. | is {n} an olympic sport
It is played on {v}. | is {n} played on {v} | What is {n} played on? | ground
# company | is a company based in {p}
{It} makes {v}s. | does {n} make {v}s | What does {n} make? | machine
It was started by {v}. | was {n} started by {v} | Who started {n}? | person
It is owned by the state. | It is owned by a family and not by the state. | is {n} owned by the government
It was bought by {v}. | was {n} bought by {v} | Who bought {n}? | org
It still exists today. | It no longer exists today. | is {n} still in business
It employs {v} people. | does {n} employ {v} people | How many people does {n} employ? | number
It sells its goods in other countries. | It sells nothing outside the country. | does {n} sell its goods abroad
# film | is a film set in {p}
{It} was directed by {v}. | did {v} direct {n} | Who directed {n}? | person
The main part is played by {v}. | is {v} in {n} | Who plays the main part in {n}? | person
It tells the story of {v}. | is {n} about {v} | What is {n} about? | persona
It is based on a true story. | It is not based on a true story. | is {n} based on a true story
It is based on a book. | It is not based on a book. | is {n} based on a book
There will be a second film. | There will not be a second film. | is there going to be another {n}
It won a prize at a festival in {v}. | did {n} win a prize in {v} | Where did {n} win a prize? | place
The hero dies at the end. | The hero does not die at the end. | does the hero die in {n}
It was released in {v}. | did {n} come out in {v} | When was {n} released? | year
# person | was a {j} from {p}
{It} was born in {v}. | was {n} born in {v} | When was {n} born? | year
{It} studied {v}. | did {n} study {v} | What did {n} study? | subject
{It} was married to {v}. | was {n} married to {v} | Who was {n} married to? | person
{It} worked for {v}. | did {n} work for {v} | Who did {n} work for? | org
{It} died in {v}. | did {n} die in {v} | Where did {n} die? | place
{It} had children. | {It} had no children. | did {n} have children
{It} went to university. | {It} never went to university. | did {n} go to university
{It} loved {v}. | did {n} love {v} | What did {n} love? | sport
# law | is a law in {p}
The law was passed in {v}. | was the {n} passed in {v} | When was the {n} passed? | year
It bans the sale of {v}. | does the {n} ban the sale of {v} | What does the {n} ban? | food
People under eighteen must not drive. | People under eighteen may drive. | can people under eighteen drive in {p}
It is legal to carry a knife. | It is illegal to carry a knife. | is it legal to carry a knife in {p}
Shops must close on Sunday. | Shops may open on Sunday. | can shops open on sunday in {p}:no
Drivers must pay to use the road. | Drivers need not pay to use the road. | do you have to pay to use the road in {p}
Voters must show a passport. | Voters do not need to show a passport. | do you need a passport to vote in {p}
It was proposed by {v}. | did {v} propose the {n} | Who proposed the {n}? | person
# device | is a device made in {p}
It is made of {v}. | is the {n} made of {v} | What is the {n} made of? | material
It needs a battery. | It does not need a battery. | does the {n} need a battery
It works under water. | It does not work under water. | does the {n} work under water
It was invented by {v}. | was the {n} invented by {v} | Who invented the {n}? | person
It is used by {v}s. | is the {n} used by {v}s | Who uses the {n}? | job
It can be used without a telephone. | It cannot be used without a telephone. | can you use a {n} without a phone
It is the same as an older model. | It is not the same as the older model. | is the {n} the same as the older model
# illness | is an illness common in {p}
It is spread by the {v}. | is {n} spread by the {v} | What spreads {n}? | animal
It can be treated with {v}. | can {n} be treated with {v} | What can {n} be treated with? | plant
There is a vaccine against it. | There is no vaccine against it. | is there a vaccine for {n}
It can pass from one person to another. | It cannot pass from one person to another. | is {n} contagious
Most patients get well without treatment. | Without treatment it is deadly. | can you die from {n}:no
It causes a high fever. | It does not cause a fever. | does {n} cause a fever
It was discovered by {v}. | did {v} discover {n} | Who discovered {n}? | person
# festival | is a festival held in {p}
It takes place in {v}. | is {n} held in {v} | When is {n} held? | month
People eat {v} on this day. | do people eat {v} at {n} | What do people eat at {n}? | food
Visitors must buy a ticket. | Entry is free for all visitors. | do you need a ticket for {n}
It is a public holiday. | It is not a public holiday. | is {n} a public holiday
Banks are closed on the day. | Banks stay open on the day. | are banks closed on {n}
It celebrates {v}. | does {n} celebrate {v} | Who does {n} celebrate? | person
Children are allowed to take part. | Children are not allowed to take part. | can children take part in {n}
# building | is a building in {p}
It was built by {v}. | was the {n} built by {v} | Who built the {n}? | person
It was built in {v}. | was the {n} built in {v} | When was the {n} built? | year
It is {v} metres tall. | is the {n} {v} metres tall | How tall is the {n}? | number
It is open to visitors. | It is closed to visitors. | can you visit the {n}
It was used as a {v}. | was the {n} used as a {v} | What was the {n} used as? | building
It was damaged in the war. | It was not damaged in the war. | was the {n} damaged in the war
It is made of {v}. | is the {n} made of {v} | What is the {n} made of? | material
"""
