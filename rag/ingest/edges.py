"""Lines that are no article at the beginning or the end of a page, and headings of whole parts."""

from __future__ import annotations

from rag.ingest.rules import LETTER, OUR, PIECE, READER, SOCIAL, rule

_SECTION = (
    r"(?:home|startseite|start|news|nachrichten|politik|wirtschaft|sport|kultur|wissen|wissenschaft"
    r"|panorama|gesellschaft|technik|digital|netzwelt|meinung|regional|lokales|reise|auto|mobilität"
    r"|gesundheit|karriere|unterhaltung|finanzen|börse|international|ausland|inland|deutschland|welt"
    r"|videos?|podcasts?|fotos|bilder|themen|archiv|magazin|shop|abo|e-?paper|newsletter|suche|search"
    r"|menü|menu|login|log in|anmelden|registrieren|sign in|sign up|subscribe|subscriptions?|kontakt"
    r"|contact|impressum|datenschutz(?:erklärung|hinweise?)?|agb|nutzungsbedingungen|über uns"
    r"|about(?: us)?|team|jobs|careers|werben|mediadaten|advertise|hilfe|help|faq|privacy(?: policy)?"
    r"|terms(?: of (?:use|service))?|cookies?(?:-einstellungen| settings| policy)?|imprint|sitemap|rss"
    r"|world|business|politics|tech|technology|science|health|opinion|arts|culture|life|lifestyle|travel"
    r"|style|entertainment|local|us|uk|europe|europa|money|markets|weather|wetter|reviews?|tests|ratgeber"
    r"|blog|forum|community|widerruf|barrierefreiheit|do not sell my (?:personal )?information|more|mehr)"
)

EDGES = (
    rule(
        "navigation",
        "anywhere",
        80,
        r"(?:skip to|zum|zur|jump to) (?:main )?(?:content|inhalt|hauptinhalt|navigation|suche)(?: springen)?\W{0,3}",
        r"(?:nach oben|back to top|zurück zum? (?:seitenanfang|anfang|übersicht|startseite)|(?:zurück )?zur (?:übersicht|startseite)"
        r"|zum seitenanfang|to top|nach oben scrollen)\W{0,3}",
        r"(?:vorheriger|nächster|previous|next|older|newer) (?:artikel|beitrag|post|article|story)\b.{0,3}",
        r"(?:menü|menu|navigation|suche|search) (?:öffnen|schließen|anzeigen|open|close|toggle)\W{0,3}|toggle (?:menu|navigation)\W{0,3}",
    ),
    rule(
        "navigation",
        "edge",
        160,
        rf"{_SECTION}(?:\s?[|·•>›»/,–\\]\s?|\s{{1,3}}){_SECTION}"
        rf"(?:(?:\s?[|·•>›»/,–\\]\s?|\s{{1,3}}){_SECTION}){{0,20}}\W{{0,3}}",
        r"(?:home|startseite|start|news)(?:\s?[>›»/→]\s?.{2,60}){1,4}",
        r"(?:sie sind hier|sie befinden sich hier|you are here):?.{0,120}",
        r"(?:startseite|home|menü|menu|suche|search|login|log in|einloggen|registrieren|sign in|impressum|agb"
        r"|nutzungsbedingungen|datenschutz(?:erklärung)?|privacy policy|terms of (?:use|service)|sitemap"
        r"|mediadaten|e-?paper|abo|zurück|weiter|back|next|previous|schließen|close|mehr anzeigen|show more"
        r"|load more|mehr laden|inhaltsverzeichnis anzeigen)\W{0,3}",
        r"(?:vorheriger|nächster|previous|next|older|newer|voriger|zurück|weiter) ?(?:artikel|beitrag|post|article|story)?"
        r"\s?[:»«→←].{0,120}",
    ),
    rule(
        "cookie notice",
        "edge",
        600,
        rf"(?:wir(?: und unsere (?:\w+ )?partner)?|we(?: and our (?:\w+ )?partners)?|{PIECE}|(?:diese|unsere|this|our|die|the) (?:web)?(?:seite|site|website|internetseite)|unser angebot)"
        r" (?:verwenden|nutzen|nutzt|verwendet|setzen|setzt|uses?|employs?)\b.{0,80}\b(?:cookies?|tracking)\b.*",
        r"(?:alle |nur )?(?:cookies? )?(?:akzeptieren|ablehnen|zustimmen|accept|reject|decline|notwendige)(?: (?:all|alle|cookies?|und)){0,3}"
        r"(?: (?:akzeptieren|schließen|weiter))?\W{0,3}",
        r"(?:cookie|datenschutz|privatsphäre|privacy)-? ?(?:einstellungen|settings|preferences|hinweis|notice|banner|manager)"
        r"(?: (?:verwalten|ändern|anpassen|öffnen))?\W{0,3}",
        r"(?:accept|allow|reject|manage|alle) (?:all )?(?:cookies|settings|preferences|akzeptieren|ablehnen)\W{0,3}",
        r"(?:by (?:continuing|using|clicking|browsing|closing)|durch (?:die )?(?:weitere )?(?:nutzung|verwendung)"
        r"|mit (?:der|ihrer) (?:weiteren )?nutzung|indem sie|wenn sie)\b.{0,160}\bcookies?\b.*",
    ),
    rule(
        "privacy notice",
        "edge",
        600,
        r"(?:mit (?:dem|der|ihrer|deiner|einer)|durch|by|indem) .{0,200}"
        r"(?:datenschutz|privacy (?:policy|notice)|terms of (?:service|use)|nutzungsbedingungen|\bagb\b).*",
        rf".{{0,160}}\b(?:in|unter|see|read|siehe|entnehmen sie|gilt|gelten|lesen sie)\b.{{0,40}}\b{OUR} "
        r"(?:datenschutz\w*|privacy (?:policy|notice)|nutzungsbedingungen|terms)\b.{0,120}",
        r".{0,80}\b(?:recaptcha|akismet)\b.*",
        r"ich (?:habe|stimme|willige|akzeptiere)\b.{0,200}\b(?:datenschutz\w*|daten|nutzungsbedingungen)\b.*",
        r"i (?:agree|consent|accept|have read)\b.{0,200}\b(?:privacy|terms|data)\b.*",
        r"(?:name|meinen namen|save my name|save my|required fields|erforderliche felder|pflichtfelder)\b.{0,60}"
        r"\b(?:e-?mail|speichern|browser|marked|markiert|gekennzeichnet)\b.{0,120}",
        r"(?:deine|ihre|your) e-?mail-?\s?(?:adresse|address) (?:wird|will).{0,120}",
    ),
    rule(
        "comment rules",
        "edge",
        700,
        r".{0,60}\b(?:alle )?kommentare (?:werden|sind)\b.{0,40}\b(?:moderiert|geprüft|freigeschaltet|geschlossen)\b.*",
        r".{0,80}\b(?:kommentarregeln|netiquette|community[- ]?(?:regeln|richtlinien|guidelines|standards|rules)"
        r"|comment(?:ing)? (?:policy|guidelines|rules)|diskussionsregeln|hausregeln)\b.{0,200}",
        r".{0,20}\bcomments? (?:are|is|on this \w+ are|will be|may be|have been)\b.{0,30}\b(?:moderated|closed|reviewed|removed|disabled|off)\b.*",
        r"[^„“\"]{0,160}\bbehalten (?:wir )?uns\b[^„“\"]{0,60}\b(?:kommentar|beiträge)[^„“\"]*",
        r"[^„“\"]{0,160}\bwe reserve the right to\b[^„“\"]{0,60}\bcomment[^„“\"]*",
        r"(?:bitte |please )(?:bleiben|bleibt|beachten|achten|keep|be|stay|note|remember)\b.{0,80}"
        r"\b(?:sachlich|respektvoll|höflich|kommentar\w*|respectful|civil|polite|on[- ]topic|comments?)\b.{0,160}",
        r"die kommentar(?:funktion|spalte|e)? .{0,60}\b(?:geschlossen|deaktiviert|geöffnet|beendet)\b.{0,60}",
        r"(?:du musst|sie müssen|you must|bitte|please|zum kommentieren|um zu kommentieren)\b.{0,40}"
        r"\b(?:angemeldet|eingeloggt|anmelden|einloggen|logged in|log in|sign in)\b.{0,80}",
        r"(?:antworten? abbrechen|antwort abbrechen|cancel reply|kommentar abschicken|post comment|submit comment)\W{0,3}",
        r"(?:was|wie|what|how|und) .{0,30}\b(?:denkt|denkst|meint|meinst|haltet|hältst|do you think)\b.{0,60}"
        r"(?:\?|kommentar\w*|comments?).{0,80}",
        rf"(?:schreibt|schreib|teilt|teile|lasst|lass|sagt|verrate|tell|let|share)\b (?:{READER}|es|uns|us|deine|eure|your|gerne)\b"
        r".{0,80}\b(?:kommentar\w*|comments?)\b.{0,60}",
    ),
    rule(
        "subscription prompt",
        "edge",
        320,
        r"(?:dieser|der ganze|der vollständige|this) (?:artikel|beitrag|text|article|story|content) (?:ist|is)\b.{0,60}"
        r"\b(?:abonnent\w*|abonnement|subscribers?|members?|mitglieder\w*|premium|kostenpflichtig|plus)\b.{0,80}",
        r"(?:bereits|schon|already|not yet|noch kein)\w* .{0,20}(?:abonnent\w*|registriert|subscriber|member|konto|abo)\b.{0,80}",
        r"(?:subscribe|register|log in|sign in|anmelden|registrieren|einloggen|jetzt abonnieren|jetzt registrieren)\b"
        r".{0,30}\b(?:to (?:continue|read|unlock|comment)|weiterlesen|um weiterzulesen|lesen|und)\b.{0,80}",
        r"(?:jetzt |sofort )?(?:weiterlesen|abonnieren|registrieren|abo (?:abschließen|bestellen|testen)|subscribe(?: now)?"
        r"|register(?: now)?|sign up(?: now)?|abschicken|absenden|submit|senden)\W{0,3}",
        r"(?:bleiben sie|bleib|bleibt|stay|keep)\b.{0,20}\b(?:auf dem laufenden|informiert|up to date|updated|informed"
        r"|in the loop|in touch|in contact)\b.{0,100}",
        rf"(?:(?:der|das|unser|the|our) )?(?:[\w-]+ )?{LETTER}(?: (?:aus|für|zum|zur|mit|von|from|for|by)\b[^.!?]{{0,60}})?\W{{0,3}}",
        rf"(?:unterstütz\w*|support|help|spende\w*|donate|mit (?:deiner|ihrer) (?:spende|unterstützung))\b.{{0,60}}"
        rf"\b(?:uns|us|{OUR})\b.{{0,30}}\b(?:journalis\w*|arbeit|work|redaktion|newsroom|reporting|blog|magazin|projekt"
        rf"|website|{SOCIAL})\b.{{0,120}}",
        r"(?:danke|vielen dank|thank you|thanks)\b.{0,20}\b(?:unterstützung|support|lesen|reading|interesse)\b.{0,40}",
        r"(?:keep reading|continue reading|read the full (?:story|article)|unlock this|get (?:full|unlimited) access|lesen sie weiter"
        r"|weiterlesen|den ganzen artikel|sie wollen weiterlesen)\b.{0,120}",
        r"(?:want|looking for|lust auf|mehr) .{0,20}(?:more|mehr)?.{0,20}(?:stories|news|like this|davon)\b\W{0,3}",
    ),
    rule(
        "by-line",
        "head",
        90,
        r"(?-i:(?:Von|By|VON|BY|Text|Autor|Autorin|Author|Written by|Geschrieben von)):? "
        r"(?-i:[A-ZÄÖÜ][\w.'’-]+(?: (?:von|van|de|der|[A-ZÄÖÜ][\w.'’-]*)){1,3})"
        r"(?:,? (?:und|and|&)? ?(?-i:[A-ZÄÖÜ][\w.'’-]+(?: [A-ZÄÖÜ][\w.'’-]*){1,3})){0,3}"
        r"(?:\s?[,|·–-]\s?.{2,40})?",
        spares_first=True,
    ),
    rule(
        "agency mark",
        "edge",
        40,
        r"\W?(?:dpa|afp|reuters|epd|kna|apa|dpa-infocom|dpa-afx)(?:[/, ]{1,2}(?:dpa|afp|reuters|epd|kna|apa)){0,3}\W{0,2}",
    ),
    rule(
        "agency mark",
        "tail",
        120,
        r"\W?(?-i:[A-Za-zÄÖÜäöü]{2,12}(?:-[A-Za-zÄÖÜäöü]{2,12})?)(?:/(?-i:[a-zäöü]{2,5})){1,3}\W{0,2}",
        r"[(\[/](?-i:[a-zäöü]{2,5})(?:[/, ]{1,2}(?-i:[a-zäöü]{2,5}|dpa|AFP|Reuters|AP)){0,3}[)\]]?",
        r"\W?(?:(?:mit )?(?:material (?:von|der)|agenturmaterial|mit) )?(?:der )?"
        r"(?:dpa|afp|ap|reuters|epd|kna|apa|sid|ots|dpa-infocom|dpa-afx|red)(?:[/, ]{1,2}(?:und |and )?"
        r"(?:dpa|afp|ap|reuters|epd|kna|apa|sid|[a-z]{2,4})){0,4}\W{0,2}",
        r"dpa(?:-infocom)?, dpa:[\d-]+/\d+",
        r"(?:mit (?:material|informationen|inhalten) (?:von|der|des)|with (?:reporting|material|files|additional reporting)"
        r"|reporting by|editing by|additional reporting|quelle:|source:|quellen:) .{0,30}\b(?:dpa|afp|ap|reuters|epd|kna|apa|sid|press|agency|agentur|[A-Z]\w+ [A-Z]\w+)\b.{0,60}",
        r"(?:our standards|purchase licensing|licensing rights|view bio|see full bio|mehr von diesem autor)\b.{0,80}",
        r"\((?:reporting|additional reporting|editing|writing) by .{2,160}\)",
        r"(?:red(?:aktion)?\.?|mit agenturen|agenturen)\W{0,2}",
    ),
    rule(
        "tags",
        "anywhere",
        300,
        r"(?:tags?|schlag(?:wörter|worte|wort)|hashtags?|filed under|tagged(?: with| as)?"
        r"|veröffentlicht (?:in|unter)|posted in|abgelegt unter|verschlagwortet mit)\s?[:|]\s?.{1,280}",
        r"(?:#\w[\w-]{1,40}[\s,]{0,3}){2,20}",
        spares_first=True,
    ),
    rule(
        "tags",
        "tail",
        240,
        r"(?:themen|topics?|kategorien?|categor(?:y|ies)|rubriken?|ressorts?|mehr zu|more about|in this (?:story|article)"
        r"|related topics|verwandte themen)\s?:\s?(?:[^.!?,]{2,40},\s?){0,12}[^.!?,]{2,40}",
        r"#\w[\w-]{1,40}",
    ),
    rule(
        "contact note",
        "tail",
        320,
        r"(?:haben sie|hast du|habt ihr|sie haben|do you have|have you|you have|got|found)\b.{0,40}\b(?:hinweise?|fehler|tipps?|feedback|anregungen|a tip|a story|information)\b"
        r".{0,60}(?:entdeckt|gefunden|@|\?|schreib\w*|email|mail).{0,160}",
        r"(?:fehler (?:gefunden|entdeckt|melden)|korrektur(?:en)? melden|spotted (?:an error|a mistake)|report (?:an error|a typo)|contact the (?:author|reporter))\b.{0,160}",
        r"(?:dieser|der|this) (?:artikel|beitrag|text|article|story|post) (?:erschien|ist|wurde|first|was|originally|stammt|appears|appeared)\b.{0,40}"
        r"\b(?:zuerst|ursprünglich|zunächst|erschienen|appeared|published|veröffentlicht|aus der|edition|issue|ausgabe)\b.{0,160}",
    ),
    rule(
        "copyright line",
        "tail",
        260,
        r".{0,120}\b(?:alle rechte vorbehalten|all rights reserved)\b.{0,120}",
        r"(?:nachdruck|vervielfältigung|this material may not be|reproduction)\b.{0,200}",
    ),
    rule(
        "share prompt",
        "tail",
        80,
        rf"(?:{SOCIAL}\W{{0,4}}){{1,3}}",
        r"(?:teilen|teile|share|drucken|empfehlen|weiterempfehlen|folgen|follow(?: us)?|folgen sie uns|folge uns)\W{0,3}",
    ),
)
