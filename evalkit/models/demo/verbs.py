"""The verbs of the demo corpus: what they take as objects, irregular forms, synonyms and opposites. Data, and forms."""

import re
from typing import Final

from evalkit.models.demo.lexicon import words


def pairs(text: str) -> dict[str, str]:
    """Split entries such as `win=come_first_in`; an underscore or a comma in a value stands for a space."""
    entries = (entry.partition("=") for entry in text.split())
    return {key.replace("_", " "): re.sub("[_,]", " ", value) for key, _, value in entries}


# verb: categories of its objects (keys of lexicon.NOUNS; "anyone" is a person or a job)
TRANSITIVE: Final = pairs("""
    eat=food cook=food bake=food taste=food order=food,drink serve=food,drink drink=drink pour=drink spill=drink
    buy=food,drink,tool,clothing,vehicle,machine,furniture
    sell=food,tool,clothing,vehicle,machine,furniture,building steal=tool,clothing,vehicle,machine,furniture
    lose=tool,clothing,text find=animal,tool,clothing,text,furniture repair=tool,vehicle,machine
    break=tool,machine,furniture clean=tool,clothing,vehicle,machine,furniture,building wash=clothing,vehicle,body
    wear=clothing borrow=tool,clothing,vehicle,text,machine drive=vehicle park=vehicle
    paint=furniture,building,vehicle build=building,furniture,vehicle destroy=building,vehicle,text,machine
    visit=building,land,anyone leave=building,land,event enter=building,event open=furniture,building,text
    close=furniture,building own=building,vehicle,animal feed=animal chase=animal,anyone catch=animal,anyone
    train=animal,anyone kill=animal,anyone rescue=animal,anyone hunt=animal ride=vehicle plant=plant grow=plant,food
    cut=plant,food water=plant pick=plant,food write=text read=text sign=text publish=text send=text,tool
    receive=text,tool,clothing translate=text study=subject,text teach=subject learn=subject
    enjoy=event,food,sport,subject hate=food,event,anyone,sport like=anyone,food,animal,subject
    play=instrument,sport practise=instrument,sport,subject watch=event,animal attend=event organise=event
    cancel=event win=event postpone=event announce=event,idea plan=event,building help=anyone hire=anyone
    fire=anyone marry=anyone meet=anyone call=anyone thank=anyone arrest=anyone attack=anyone,animal,building
    accuse=anyone follow=anyone,animal hit=anyone,furniture invite=anyone praise=anyone,text
    criticise=anyone,idea,text warn=anyone defeat=anyone replace=anyone,machine,tool support=anyone,idea
    treat=anyone,disease cure=disease question=anyone ignore=anyone,idea accept=idea reject=idea,text explain=idea
    discuss=idea,event solve=idea approve=idea,text,building invent=machine,tool
    design=building,machine,clothing,vehicle test=machine,vehicle use=tool,machine,material
    carry=tool,furniture,animal move=furniture,machine hide=tool,text,clothing throw=tool,food,clothing
    deliver=food,text,furniture collect=text,tool,food produce=food,drink,machine,material
    import=food,material,machine export=food,material,vehicle photograph=building,animal,land
    draw=animal,building,land explore=land cross=land climb=plant,land protect=animal,land,building,anyone
    forget=text,clothing,idea show=text,tool need=tool,material,food
""")

_PAST: Final = pairs("""
    eat=ate drink=drank buy=bought sell=sold steal=stole lose=lost find=found break=broke wear=wore drive=drove
    build=built leave=left feed=fed catch=caught ride=rode grow=grew cut=cut write=wrote read=read send=sent
    teach=taught win=won meet=met hit=hit hide=hid throw=threw draw=drew forget=forgot show=showed begin=began
    keep=kept take=took give=gave make=made see=saw go=went come=came bear=bore bring=brought choose=chose fall=fell
    fight=fought fly=flew hold=held lead=led lie=lay pay=paid rise=rose run=ran shine=shone sing=sang sink=sank
    sit=sat sleep=slept speak=spoke spread=spread stand=stood swim=swam wake=woke withdraw=withdrew oversee=oversaw
    deal=dealt become=became know=knew find_out=found_out think=thought say=said feel=felt be_fond_of=was_fond_of
    be_present_at=was_present_at come_first_in=came_first_in go_to=went_to get=got beat=beat shut=shut
    run_after=ran_after make_known=made_known find_fault_with=found_fault_with take_a_picture_of=took_a_picture_of
    talk_about=talked_about learn_about=learned_about care_for=cared_for agree_to=agreed_to call_off=called_off
    wed=wed
""")
_PARTICIPLE: Final = pairs("""
    eat=eaten drink=drunk buy=bought sell=sold steal=stolen lose=lost find=found break=broken wear=worn drive=driven
    build=built leave=left feed=fed catch=caught ride=ridden grow=grown cut=cut write=written read=read send=sent
    teach=taught win=won meet=met hit=hit hide=hidden throw=thrown draw=drawn forget=forgotten show=shown
    begin=begun keep=kept take=taken give=given make=made see=seen go=gone come=come bear=borne bring=brought
    choose=chosen fall=fallen fight=fought fly=flown hold=held lead=led lie=lain pay=paid rise=risen run=run
    shine=shone sing=sung sink=sunk sit=sat sleep=slept speak=spoken spread=spread stand=stood swim=swum wake=woken
    withdraw=withdrawn oversee=overseen deal=dealt become=become know=known find_out=found_out think=thought
    say=said feel=felt be_fond_of=been_fond_of be_present_at=been_present_at come_first_in=come_first_in
    go_to=gone_to get=got beat=beaten shut=shut run_after=run_after make_known=made_known
    find_fault_with=found_fault_with take_a_picture_of=took_a_picture_of talk_about=talked_about
    learn_about=learned_about care_for=cared_for agree_to=agreed_to call_off=called_off wed=wed
""")

SYNONYMS: Final = pairs("""
    buy=purchase repair=fix help=assist build=construct hire=employ begin=start destroy=ruin reject=refuse
    enjoy=love kill=murder win=come_first_in cancel=call_off like=be_fond_of receive=get rescue=save own=possess
    discuss=talk_about close=shut visit=go_to marry=wed attack=assault arrest=detain produce=make defeat=beat
    treat=care_for carry=transport collect=gather attend=be_present_at publish=release support=back invite=ask
    study=learn_about organise=arrange explain=describe call=phone photograph=take_a_picture_of fire=dismiss
    chase=run_after cure=heal announce=make_known approve=agree_to invent=create criticise=find_fault_with meet=see
""")

OPPOSITES: Final = pairs("""
    buy=sell sell=buy win=lose lose=find find=lose open=close close=open build=destroy destroy=build accept=reject
    reject=accept hire=fire fire=hire like=hate hate=like praise=criticise criticise=praise enjoy=hate enter=leave
    leave=enter import=export export=import support=reject repair=break break=repair send=receive receive=send
    rescue=attack attack=protect protect=attack teach=learn remember=forget clean=paint approve=reject help=ignore
    ignore=help announce=hide organise=cancel cancel=attend attend=cancel throw=catch catch=chase borrow=buy
    follow=ignore kill=rescue write=read read=write invite=ignore cook=buy
""")

# verbs with clauses, by what they say of the clause
FACTIVE: Final = ("know", "realise", "notice", "remember", "find out", "discover", "forget", "regret", "learn", "see")
NEUTRAL: Final = (
    "think",
    "believe",
    "say",
    "hope",
    "suspect",
    "claim",
    "guess",
    "assume",
    "suggest",
    "imagine",
    "feel",
)
_VOWELS = "aeiou"
_DOUBLING: Final = frozenset(
    words("""
        admit ban beg begin chat control cut drop grab hit hug occur permit plan prefer refer regret rob run shop
        sit slip stop swim transfer trim trip win
    """)
)


def _regular(verb: str) -> str:
    if verb.endswith("e"):
        return verb + "d"
    if verb.endswith("y") and verb[-2] not in _VOWELS:
        return verb[:-1] + "ied"
    return verb + (verb[-1] if verb in _DOUBLING else "") + "ed"


def past(verb: str) -> str:
    """The past tense: `buy` gives `bought`."""
    return _PAST.get(verb) or _regular(verb)


def participle(verb: str) -> str:
    """The past participle: `write` gives `written`."""
    return _PARTICIPLE.get(verb) or _regular(verb)


def present(verb: str) -> str:
    """The third person singular of the present: `wash` gives `washes`."""
    head, *rest = verb.split(" ")
    if head == "be":
        head = "is"
    elif head.endswith(("s", "sh", "ch", "x", "o")):
        head += "es"
    elif head.endswith("y") and head[-2] not in _VOWELS:
        head = head[:-1] + "ies"
    else:
        head += "s"
    return " ".join([head, *rest])
