"""Advertising and prompts: no article wherever they stand. German and English."""

from __future__ import annotations

from rag.ingest.rules import rule

PROMOTION = (
    rule(
        "advertisement",
        "anywhere",
        60,
        r"""
        [-–\[( ]*(?:skip |ende der )?(?:anzeigen?|werbung|werbeanzeige|reklame|advertisements?
            |advertising|ad)
        (?:sponsored|promoted)(?: content| posts?| links?)?(?: by .{2,40})?
        gesponsert(?:e[rs]? .{2,30})?|advertorial|bezahlte partnerschaft|partner-?angebote?
        paid (?:content|partnership|post)|(?:ad|anzeige|advertisement) ?[·|–-] ?.{2,40}
        [(\[]?(?:unbezahlte |bezahlte )?werbung(?:,| wegen| da| durch|/) .{2,40}[)\]]?
        (?:produkt|kauf)-?(?:empfehlung|tipp)(?:en|s)?(?: der redaktion)?|werbehinweis
        """,
    ),
    rule(
        "advertisement",
        "anywhere",
        180,
        r"""
        (?:anzeige|werbung|sponsored|promoted|advertisement|ad) ?[:|–—-] ?.*(?:<bargain>).*
        (?:(?:partner|top)-?angebot|deal des tages|(?:shopping|produkt)-?tipp|promo) ?[:|–—-] ?.*
        (?:unser angebot|our offer|aktion) ?: … (?:<bargain>) …
        sponsored by … (?:<bargain>) …
        (?:best|bester|günstigster|aktueller|lowest) (?:price|preis|deal|angebot)\b.*(?:€|\$|£
            |euro).*
        jetzt (?:bestellen|kaufen|sichern|testen|buchen|zugreifen)\b[^.]{0,40}
        [^.!?„“"]{3,80} jetzt … (?:rabatt|gratis|reduziert|\d+ ?%|\d+ prozent) [^.]{0,30}
        (?:supported|presented|powered) by .{0,40}|präsentiert von .{2,40}|supported by
        .{3,120}\((?:anzeige|werbung|ad|sponsored)\)
        (?:weiter(?:lesen)?|hier geht es|scroll) … (?:anzeige|werbung|advertisement|ad|continue)
        (?:the |der |dieser )?<piece> … (?:nach|unter|below|after) … (?:anzeige|werbung|ad\w*)
        (?:jetzt|nur heute|nur für kurze zeit|sichern? sie sich|sichere? dir) … (?:rabatt
            |gutschein|€|%|gratis|angebot) …
        (?:spare[n]?|sparen sie|save|save up to|get|hol dir|holen sie sich) … \d+ ?(?:%|€|euro
            |prozent|percent) … (?:rabatt|code|gutschein|off|mit|beim?|with) …
        (?:shop|buy|order) now …|(?:try it|claim your|grab your|get \d+ ?%) … (?:free|off|discount
            |trial|today) …
        (?:jetzt )?(?:zum|hier zum|zum besten) (?:angebot|shop|deal)|(?:buy|shop|view) (?:deal
            |at .{2,30})
        jetzt … (?:kostenlos|gratis|testen|ansehen|bestellen|vergleichen|sichern)
        """,
    ),
    rule(
        "affiliate note",
        "anywhere",
        600,
        r"""
        (?:(?:amazon|ebay)-?partner|werbe|affiliate)-?\s?(?:links?|hinweis)(?::.*)?
        (?:dieser|dieses|this) <piece> (?:enthält|contains|includes) … (?:werbung
            |produktplatzierung\w*|compensated links|sponsored content) …
        (?:transparenz(?:hinweis)?|disclosure|werbehinweis|hinweis|offenlegung): .*(?:links?
            |kooperation|zusammenarbeit|sponsor\w*|partner\w*|provision\w*|commission)\b.*
        (?:dieser|dieses|this) <piece> (?:ist|entstand|wurde|is|was) … (?:in (?:zusammenarbeit
            |kooperation)|gesponsert|sponsored|unterstützt|brought to you) …
        … (?:products?|items?|produkte) … (?:selected|ausgewählt|chosen) … (?:editors?|redaktion
            |team) …
        if you (?:buy|purchase|click|shop) … (?:we|i) … (?:cut|commission|percentage|fee|share) …
        (?:wir|einige) … (?:verlink\w*|links?) … (?:shops?|händler|umsatz) … (?:uns\w*|umsatz
            |unterstütz\w*) …
        … (?:shops?|händler\w*|links?) … (?:uns|us) … (?:am umsatz|beteilig\w*|provision
            |commission) …
        … (?:dieser|diesem|this|our|the|der|dem|unser\w*) (?:\w+ )?<piece>s? … (?:enthält
            |enthalten|sind|befinden|contains?|includes?|features?|may contain|verwenden
            |has) … <link>links? …
        in diese[mr] <piece> … <link>links? …
        … (?:gekennzeichnete|markierte|versehene)[nr]? (?:links?|verweise|produkte) …
        … (?:links?|verweise) … (?:gekennzeichnet|markiert|marked with|sternchen|asterisk) …
        … (?:sternchen|\(\*\)|\*|asterisk) … (?:<link>links?|links?|verweisen?|provision\w*) …
        … (?:erhalten|bekommen|verdienen|erhalte|bekomme|verdiene|erhält|bekommt) (?:wir|ich
            |die redaktion|unsere redaktion|der betreiber|\w+\.\w+) … (?:provision|vergütung
            |kommission|anteil) …
        … (?:link|kauf|bestell\w*|klick|kauft|kaufen|einkauf) … (?:wir|uns|ich) … (?:provision\w*
            |umsatz|beteiligt|anteil) …
        … (?:we|i|us|our site|the site) … (?:earn|receive|get|make|paid) … commissions? …
        … (?:we|i) (?:may |might )?(?:be compensated|receive compensation|earn money|make money) …
        (?:als amazon-partner|as an amazon associate|we independently
            |all products .{0,40} selected) …
        … (?:für (?:sie|dich|euch)|ihnen|dir|euch) (?:ändert|entstehen|bleibt|fallen
            |entsteht) … (?:preis|kosten|mehrkosten|nichts) …
        … at no (?:extra|additional) cost to you …
        <link>links?
        """,
        needs=(
            "link verweis provision commission compens earn money anteil preis kosten cost amazon "
            "selected independently umsatz beteilig vergütung nichts werbung "
            "zusammenarbeit kooperation sponsor platzierung cut fee share "
            "percentage product item"
        ),
    ),
    rule(
        "newsletter prompt",
        "anywhere",
        340,
        r"""
        (?:hier|jetzt) … (?:zu unserem|unseren|unserem|zum|den) [\w-]*newsletter
        … (?:in|mit|über) (?:<our>) (?:\w+ )?[\w-]*newsletters? …
        mit (?:<our>|dem) (?:\w+ )?[\w-]*newsletter …|newsletter: .{5,120}
        benachrichtig\w* mich …|notify me (?:of|by|when|about) …|ich möchte … (?:benachrichtigt
            |informiert) werden
        (?:[^.!?„“"]{2,80}[.!?] ){0,2}(?:jetzt |hier |please )?(?:<subscribe>) … (?:<our>|<your>
            |zum|für den|kostenlose[nr]?|täglich\w*|wöchentlich\w*|free|daily|weekly
            |the) … (?:<letter>) …
        (?:jetzt |hier |kostenlos )?(?:(?:<our>|den|zum|für den
            |the) )?(?:\w+ )?[\w-]*newsletters? (?:jetzt |hier |kostenlos |gratis )?(?:abonnieren
            |bestellen|anmelden|erhalten|eintragen|sign-?up|lesen)
        … (?:willst|wollt|wollen|möchten|möchtest|want) … (?:nichts|keine?n?|never) … (?:verpassen
            |versäumen|miss) …
        (?:nie wieder|nichts|keine?n?) … verpassen|(?:verpassen sie|verpasse|verpasst) (?:nichts
            |keine?n?) …
        (?:never miss|don[’']t miss) (?:a|an|another|out|our) …
        … (?:<letter>) … (?:jederzeit|any ?time) …
        (?:you (?:can|may) unsubscribe|sie können sich jederzeit|(?:die )?abmeldung … jederzeit
            |unsubscribe) …
        (?:by (?:signing up|subscribing|submitting|clicking|registering)|mit (?:<your>
            |der) anmeldung) …
        (?:(?:enter|type|gib
            |geben sie) )?(?:<your>) e-?mail(?:-? ?adresse| address)?(?: ein(?:geben)?)?(?:\.\.\.
            |\u2026)?
        (?:alles wichtige|das wichtigste|the (?:latest|best|most important)
            |die wichtigsten) … (?:<letter>|per e-?mail|per mail|by email|to your email) …
        (?:enjoyed|liked|like|love) (?:this|what you) … (?:<letter>|subscrib\w+) …
        (?:if you|wenn <you>) … (?:find|enjoy|like|gefällt|hilft) … (?:consider (?:subscribing
            |supporting|becoming)|abonnier\w*) …
        [^„“"]*\b(?:unser\w*|our) [\w-]*(?:newsletters?|briefing) … (?:<you>) …
        [^„“"]*\b(?:<you>|<your>) … (?:unser\w*|our) [\w-]*(?:newsletters?|briefing) …
        thanks for reading … subscrib\w+ …|subscribe (?:for free|now|today) …
        """,
        needs=(
            "newsletter briefing subscri abonn verpass versäum miss mail inbox postfach "
            "posteingang rundbrief push notification signing submit clicking register anmeldung "
            "abmeld supporting becoming benachrichtig notify"
        ),
    ),
    rule(
        "share prompt",
        "anywhere",
        170,
        r"""
        (?:teilen|share|gefällt mir|like)(?: mit| this| it)?:?(?: wird geladen.*| like loading.*)?
            |like this: .{0,20}
        (?:klick(?:en?)?|click)(?: sie)?,? … (?:zu teilen|to (?:share|print|email)|auszudrucken
            |zu senden) …|link copied
        (?:diesen?|dieses|this) <piece> … (?:verschicken|senden|drucken|teilen|weiterempfehlen) …
        empfehlen sie (?:diesen?|dieses) <piece> …|(?:save|pin) this (?:guide|list|post|recipe) …
        (?:(?:<social>|link|tweet|share|print)\W{1,4}){2,9}(?:<social>|link|tweet|share|print)
        (?:jetzt |diese[nrs]? |den |die |das )?(?:(?:<piece>|link|url) )?(?:(?:auf|per|via|bei|mit
            |in) )?(?:(?:<social>)(?:,? (?:und |oder )?(?:<social>)){0,6} )?(?:teilen|twittern
            |posten|tweeten|weitersagen|versenden|weiterleiten|weiterempfehlen|drucken|merken
            |pinnen|kopieren|senden)(?: (?:auf|via|per) .{0,60})?
        (?:share|tweet|pin|pin it|print|bookmark|copy link|forward|email)(?: (?:this|the|it|a|with
            |on|via|to|by|for|later|<piece>|link|now|friends?|your|<social>|or|and)){0,8}
        (?:(?:<social>)\W{1,4}){2,9}(?:<social>)
        (?:dir|ihnen|euch) (?:hat|gefällt|gefiel) … <piece> …
        (?:gefällt|gefiel|hat) (?:dir|ihnen|euch) (?:der|die|das|dieser?|unser) … <piece> …
        (?:teile|teilt|teilen sie|empfehlen sie|empfiehl|merk dir|merkt euch) … (?:<piece>|ihn
            |sie) …
        (?:did you |if you )?(?:like|liked|enjoy|enjoyed) (?:this|our|the) <piece> …
        share (?:full|this|the) <piece>|\w (?:teilen|twittern|tweet|share)
        if you (?:found|liked|like|enjoyed|enjoy) … share …
        spread the word …|sharing is caring …|(?:zur|auf die) (?:merkliste|leseliste) …
        (?:war|wie|was|how|did) … (?:dieser?|dieses|der|das|this) <piece> … (?:hilfreich|gefallen
            |helpful|useful|war) …
        wie (?:hilfreich|gut|nützlich) (?:war|fanden|findest) …
            |(?:durchschnittliche )?bewertung:? \d.*
        (?:rate|bewerte|bewerten sie) (?:this|diesen?|dieses) <piece> …|klicke? auf die sterne …
        """,
    ),
    rule(
        "follow prompt",
        "anywhere",
        240,
        r"""
        (?:immer|stets) (?:informiert|aktuell|auf dem laufenden) …
        (?=.*\b(?:<our>|jetzt|now)\b).*\b(?:app store|google play|play store)\b.*
        (?:hier|so|jetzt) (?:finden|findest|findet|erreichen) (?:<you>) uns … (?:<social>) …
        <our> podcast ?[:–-] .*|(?:höre?n?|listen)(?: sie| to)? (?:jetzt )?(?:<our>) podcast …
        follow @\w+ …
        (?:[^.!?„“"]{2,60}[.!?] )?(?:check out|take a look at) (?:my|our) …
        (?:folgen sie|folge|folgt|follow|find|like|besuchen? sie|besucht|abonnieren sie|abonniere
            |join|catch) (?:auch )?(?:uns|us|mir|me|our|unsere[nm]?|the author|dem autor
            |der autorin|all the latest|[\w.-]+(?: [\w.-]+){0,2}) … (?:<social>|app) …
        (?:folgen sie|folge|folgt|follow) (?:uns|us|mir|me)
        (?:rss-?)?feed (?:abonnieren|abonniert)|(?:subscribe to|abonnieren?) … rss …
        … (?:feed (?:dieses beitrags|zu diesem \w+)|hauptfeed|kommentar-?feed|comments? feed) …
        (?:neu:? )?(?:<our>|jetzt|neu|der|the) … (?:<social>)-? ?(?:kanal|channel|gruppe|group) …
        (?:laden sie|lade dir|ladet euch|holen sie sich|hol dir|download|get) … (?:<our>) … app …
        (?:listen to|hören sie|hör) … (?:on|in) (?:<our>) (?:app|podcast) …|google news follow
        (?:verfolgen sie|follow) … (?:live-?\s?ticker|liveblog|live updates|live blog) …
        """,
        needs=(
            "folg follow find like besuch abonn join catch feed kanal channel grupp group app "
            "podcast ticker live check look store google höre listen erreich "
            "immer stets"
        ),
    ),
    rule(
        "subscription prompt",
        "anywhere",
        200,
        r"""
        you have .{0,30}(?:free )?(?:articles?|stories) (?:left|remaining) …|(?:sie haben
            |du hast) noch .{0,20}(?:freie|kostenlose) artikel …
        (?:[^„“"]{0,90}[.!?] )?(?:bereits|schon|already|not yet
            |noch kein)\w* (?:ein |a |an )?(?:\w+ )?(?:abonnent\w*|registriert|subscribers?
            |members?|konto|account|abo)\?.{0,60}
        (?:keep|continue) reading (?:with|for) …|(?:sie haben noch|noch) \d+ ?% des (?:artikels
            |textes) …
        """,
    ),
)
