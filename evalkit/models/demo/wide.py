"""More words of the demo corpus: the general vocabulary of news and reference works. Data only."""

from typing import Final

from evalkit.models.demo.lexicon import words

NOUNS: Final = words("""
    ability absence access account act action activity addition address adult advantage affair age aid aim air album
    alternative ambition amount analysis anger angle announcement anniversary apology appeal appearance appetite
    application appointment approach area argument arrangement arrival arrest aspect assistance assistant
    association atmosphere attack attempt attention attitude author authority average award balance ban base basis
    battle bear beauty beginning behaviour belief benefit blame blood board body bone bonus bottom boundary brain
    brand breath breed brief broadcast bulb bunch burden bus business button cable calendar camp cancer capacity
    capital card care carbon cargo case cash castle category cause ceiling celebration cell census centre century
    ceremony chain chairman challenge champion chance change channel chapter character charge charity chemical chest
    chief childhood choice circle circumstance claim class climate coal code collapse colleague collection colony
    column combination comfort command comment commission communication community comparison competition complaint
    component concept concern conclusion condition conduct conflict connection consequence construction contact
    content contest context contrast contribution control convention conversation copy core corner cost county
    couple courage course cover craft crash creature credit crisis critic crop cure currency current curriculum
    custom cycle damage data daylight deadline death decade decline deck decoration decrease defeat defence degree
    delay delivery demand democracy density department departure deposit depth description detail development device
    diagram diet difference difficulty digestion dimension direction director disability discipline discount
    discovery discussion display distance district division document donation dose draft drama draught drawing drug
    duration dust duty earnings economy edge edition editor education effect effort election electricity element
    emergency emission emotion emphasis employer employment empire end energy enemy engine entrance entry
    environment episode equipment era error escape estate event evolution exam exchange excitement excuse exercise
    exit expansion expedition expense experiment expert explosion export expression extension extent extinction
    fabric facility fact factor fairness faith fall fame family fan farm fashion fat fate fault fear feature fee
    feeling fever fiction field fight figure file finance fire fleet flight flow fluid focus fold follower force
    forecast form formula fortune foundation frame freedom frequency friction front fruit fuel function fund future
    galaxy gap gas gathering generation genre gift glory goods grade grain grant gravity ground growth guarantee
    guide guilt gun half harm harvest head headline health hearing heat height heritage hero hint history hobby home
    honour hope hour household humour hunger hunt idea identity image impact import impression improvement incident
    income increase independence index industry influence information ingredient inhabitant injury insect inside
    inspection instance institution instruction insurance intelligence intention interest invasion invention
    investigation investment island issue item jail joke journal joy judgement junction jungle justice kingdom
    knowledge label labour lack landing landmark landscape language launch law layer lead leader league legend
    length level licence lid life lifetime light limit line link liquid list literature load location lock logic
    loss luck luggage magic majority maker management manner manufacturer margin mark market marriage mass master
    material matter maximum meaning measure meat mechanism medal media medicine melody membership memory mention
    mess metal meteor midnight migration mile mind mineral minimum minority minute mission mistake mixture mode
    model moment money monopoly mood moon moral morning motion motive motor mountain movement murder muscle mystery
    myth nation nature navy nerve network noise north note notice novel nucleus number objective observation
    occasion occupation ocean offence office official operation opponent opportunity opposition option orbit origin
    outbreak outcome output outside oxygen ownership pace package page pain palace panel panic parent parliament
    part participant particle partner passage passion past patch patent path pattern pause payment peace peak
    penalty pension percentage performance period permission personality perspective phase phenomenon phrase piece
    pilot pipeline pitch planet platform pleasure plot poison pole policy pollution pool population port position
    possibility post potential poverty power practice praise prayer prediction preference presence pressure pride
    principle print priority prison privacy prize procedure process product production profession profit progress
    proof property proportion protection protein province provision public publication pulse pump punishment
    purchase purpose quality quantity quarter quiet race radiation rail rain range rank rate ratio reaction reader
    reality reason rebellion recipe recognition recovery reduction reef reference reform region registration
    regulation relation relationship relative release relief religion remedy remark rent repair replacement reply
    representative republic request requirement rescue research reserve resident resistance resolution resource
    respect response responsibility rest result retirement return reunion revenue reverse review revolution reward
    rhythm riddle rise rival robbery role root round route routine row ruin rule ruler rumour safety sail sale
    sample satellite scale scandal scene schedule scheme scholar science score screen season seat section sector
    security segment selection sense sequence series service session setting settlement settler shadow shape share
    shelter shift shock shortage shot shoulder side siege sight sign signal silence site situation size skeleton sky
    slave sleep slope smell smile smoke society software soil solution sound source south space species specimen
    spectator speed spelling spirit spot spread staff stage standard start state statement station statistic status
    stay steam step stock stomach stop store strategy strength stress string structure struggle style submarine
    substance success suggestion summary summit sunlight supply support surface surgery surprise survey survival
    survivor symbol symptom system tail talk tank target task taste tax teaching teamwork technique technology
    temperature temple tension term territory terror theme theory therapy thought threat throat throne tide title
    tissue tone top topic total touch tour tourism track trade tradition traffic tragedy training transfer transport
    trap treasure treatment treaty trend trial tribe trick trouble trunk truth turn type unit universe update usage
    user vaccine value variety vehicle venue verdict version vessel victory view violence virtue virus vision visit
    vitamin voice volume voyage wage wall warmth warning waste wave way weakness wealth weapon weather wedding week
    weight welcome west width wildlife will wind wing wisdom wish witness wonder word work worker workshop world
    worry worth year yield youth zone
""")

VERBS: Final = words("""
    abandon absorb accompany achieve acquire adapt add admire admit adopt affect afford alter analyse appoint
    appreciate assess avoid ban bear block boost bring cause celebrate challenge change check choose claim combine
    compare complete complicate compose concern conduct confirm confuse connect conquer consider consist consume
    contain continue control convert convince correct cover create damage decide declare decrease defend define
    delay demand demonstrate describe deserve determine develop direct discover divide double dominate edit educate
    elect eliminate emphasise encourage end enforce enlarge ensure escape establish estimate examine exceed exchange
    exclude expand expect experience exploit express extend extract face favour feature fill film finish fix follow
    force form found fulfil fund gain generate govern grant guarantee guide handle harm highlight hold host identify
    imagine improve include increase indicate influence inform inherit injure inspect inspire install interrupt
    introduce investigate involve join judge justify keep launch lead lift limit link list load locate lower
    maintain manage mark measure mention miss modify monitor notice observe obtain occupy offer operate oppose order
    oversee pass pay perform permit persuade possess predict prefer prepare present preserve prevent promote propose
    prove provide punish purchase push raise reach realise recall recognise recommend record recover reduce reflect
    refuse regulate release remove renew replace report represent request require research resemble resist restore
    restrict resume retain reveal reverse review reward risk rule satisfy save score secure select separate settle
    shape share shock simplify sponsor spread start stop store strengthen stress suffer suggest supply surprise
    surround survive suspect suspend sustain switch tackle target threaten tolerate touch trace transfer transform
    trigger trust unite update urge value vary violate want warm waste weaken welcome widen withdraw worry
""")

INTRANSITIVE: Final = words("""
    appear arrive ask begin behave breathe burn collapse come complain compete cry dance decline depart die disagree
    disappear dream emerge end exist expand explode fail fall fight float fly go grow happen hesitate hurry improve
    increase jump kneel laugh leave lie listen live march melt migrate move occur pause play practise pray react
    recover relax resign rest retire return rise run sail scream serve shine shout sing sink sit sleep smile sneeze
    speak stand start stay struggle succeed suffer survive swim talk tremble vanish vote wait wake walk wander win
    wonder work worry yawn
""")

ADJECTIVES: Final = words("""
    absolute academic acceptable accurate active actual additional adequate agricultural alien alive alternative
    amateur amazing annual anxious apparent appropriate armed artificial asleep average aware awful bare basic
    bitter blank bold bound brilliant broad capable central certain chemical chief civil classic clear close coastal
    colonial commercial complete complex concrete confident conscious considerable constant contemporary correct
    corrupt crucial crude cultural curious current daily dead deaf dear deep defensive delicate democratic dense
    dependent desperate detailed different digital direct distant distinct domestic double dramatic due dull eager
    early eastern economic effective efficient electric electronic emotional empty enormous entire environmental
    equal essential eventual evident evil exact excellent exciting existing exotic experimental external extra
    extraordinary extreme fair faithful false familiar fatal federal female fertile fierce financial fit flat
    flexible formal former fortunate free frequent friendly frozen full functional fundamental funny further future
    general generous genetic genuine global grand grateful grave guilty handsome harmful harsh heavy helpful hidden
    high historic historical holy horrible hostile human humble ideal identical ill immediate immense imperial
    impossible impressive inadequate independent indirect individual industrial inevitable informal inner innocent
    intense internal invisible joint junior just keen known lasting late lazy leading legal liberal limited liquid
    literary live lively local logical loose loyal lucky mad magnetic main major male marine massive mature maximum
    medical medieval mental mere middle mild military minor missing mobile moderate moral multiple musical mutual
    mysterious naked national native natural naval neat necessary negative neutral noble normal northern notable
    novel nuclear numerous obvious occasional odd official ongoing online open opposite optional oral ordinary
    organic original outdoor outer overall painful pale parallel partial particular passive peaceful permanent
    personal physical plain pleasant poisonous political popular positive possible potential powerful practical
    precise pregnant present previous primary prime primitive prior private probable productive professional
    profitable prominent proper proposed prosperous pure quick radical random rapid rare raw ready real realistic
    reasonable regional regular related relative relevant reliable religious remote residential responsible rich
    rigid rival rough rural sacred safe satisfied scientific secondary secure senior sensible sensitive separate
    serious severe shallow sharp sheer short significant silent similar single slight social solar sole solid
    southern spare spatial specific spectacular spiritual stable standard static steady steep sterile stiff still
    straight strict striking strong structural subsequent substantial successful sudden sufficient suitable super
    superior supreme sure surplus suspicious sweet systematic technical temporary tender terrible theoretical
    thorough tight top total toxic traditional tragic tremendous tropical true typical ultimate unable unaware
    uncertain underground unexpected unfair unhappy unique universal unknown unlikely unusual upper urban urgent
    useful usual vague valid various vast verbal vertical vicious violent virtual visible visual vital voluntary
    vulnerable weak wealthy weekly western whole wicked wide widespread wild willing wise wonderful worthy wrong
""")

ADVERBS: Final = words("""
    actually almost already also apparently approximately briefly certainly clearly closely commonly completely
    constantly currently deeply directly entirely especially exactly extremely fairly formerly fortunately
    frequently fully generally gradually greatly hardly highly however indeed initially instead largely later mainly
    merely mostly naturally nearly normally occasionally officially once only openly originally otherwise partly
    perhaps possibly previously primarily probably rapidly rarely really regularly relatively repeatedly roughly
    seldom severely shortly simply slightly sometimes soon still strongly successfully therefore thus today together
    traditionally typically unfortunately widely yet
""")
