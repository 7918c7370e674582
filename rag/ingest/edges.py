"""Lines that are no article at the beginning or the end of a page. German and English."""

from __future__ import annotations

from rag.ingest.rules import rule

EDGES = (
    rule(
        "navigation",
        "edge",
        160,
        r"""
        \W{0,2}(?:ältere|neuere|older|newer|previous|next) (?:beiträge|artikel|posts|articles
            |entries)|ad feedback|watch live|live tv
        primary sidebar|search this website|captcha|(?:theme|powered by|design|webdesign):? .{2,40}
        (?:<section>)(?: ?[|·•∙>›»/,–\\] ?(?:<section>)){1,20}
            |(?:<section>)(?:\s{1,3}(?:<section>)){3,20}
        (?:home|startseite|start|news)(?: ?[>›»/→] ?.{2,60}){1,4}
        (?:sie sind hier|sie befinden sich hier|you are here|breadcrumb) …
        startseite|home|menü|menu|suche|search|login|log in|einloggen|registrieren|sign in
            |impressum|agb
        nutzungsbedingungen|datenschutz(?:erklärung)?|privacy policy|terms of (?:use|service)
            |sitemap
        mediadaten|e-?paper|abo|abo testen|zurück|weiter|back|next|previous|schließen|close
            |mehr anzeigen
        show more|load more|mehr laden|mehr erfahren ?[>›»→]|get the app|start writing|ressorts
        (?:vorheriger|nächster|previous|next|older|newer|voriger|zurück
            |weiter) ?(?:<piece>)? ?[:»«→←].{0,120}
        order reprints …|(?:teilen|share|kommentare|comments) ?\d{1,5}
        breaking news … (?:notifications|alerts|app)
        """,
    ),
    rule(
        "cookie notice",
        "edge",
        600,
        r"""
        (?:cookies|diese seite|diese website|this (?:web)?site|unsere seite|wir) (?:erleichtern
            |benutzt|benutzen|verwendet|nutzt|help|allow|enable|uses?) … (?:dienste|cookies?
            |services|experience) …
        (?:wenn sie|if you are) (?:unter|under) (?:16|the age) …|(?:sie können|you (?:can
            |may)) … (?:einwilligung|zustimmung|auswahl|consent|choices) … (?:widerruf\w*|ändern
            |anpassen|withdraw|change) …
        (?:you can|you may) (?:withdraw|change|revoke) … consent …
        (?:wir(?: und <our> (?:\w+ )?partner)?|we(?: and our (?:\w+ )?partners)?|(?:diese|unsere
            |this|our|die|the) (?:web)?(?:seite|site|website|internetseite)
            |unser angebot) (?:verwenden|nutzen|nutzt|verwendet|setzen|setzt|uses?
            |employs?) … (?:cookies?|tracking)\b.*
        (?:alle |nur )?(?:cookies? )?(?:akzeptieren|ablehnen|zustimmen|accept|reject|decline
            |notwendige)(?: (?:all|alle|cookies?|und|and|close|akzeptieren|schließen|weiter)){0,3}
        (?:we|wir) (?:value|respect|care about|take|respektieren|schätzen
            |achten) (?:<your>) (?:privacy|privatsphäre|daten) …
        (?:cookie|datenschutz|privatsphäre|privacy)-? ?(?:einstellungen|settings|preferences
            |hinweis|notice|banner|manager)(?: (?:verwalten|ändern|anpassen|öffnen))?
        … (?:tracking|pur-abo|contentpass) …
        (?:accept|allow|reject|manage|alle) (?:all )?(?:cookies|settings|preferences|akzeptieren
            |ablehnen)
        (?:by (?:continuing|using|clicking|browsing|closing)|durch|mit (?:der|<your>)|indem sie
            |wenn sie) … cookies?\b.*
        """,
    ),
    rule(
        "privacy notice",
        "edge",
        600,
        r"""
        (?:datenschutzhinweise?|hinweise? zum datenschutz|privacy notice
            |hinweis zum datenschutz)(?::.*)?
        wir (?:verarbeiten|speichern|erheben|nutzen) … (?:daten|angaben) …
        mit (?:der|dem) (?:nutzung|absenden|verwendung) dieses formulars …
        … (?:erklär\w*|einverstanden) … (?:speicherung|verarbeitung) … daten …
        (?:mit (?:dem|der|ihrer|deiner|einer)|durch|by|indem) … (?:datenschutz\w*
            |privacy (?:policy|notice)|terms of (?:service|use)|nutzungsbedingungen|agb)\b.*
        … (?:in|unter|see|read|siehe|entnehmen sie|gilt|gelten
            |lesen sie) … (?:<our>) (?:datenschutz\w*|privacy (?:policy|notice)
            |nutzungsbedingungen|terms) …
        … (?:recaptcha|akismet)\b.*
        ich (?:habe|stimme|willige|akzeptiere|bin) … (?:datenschutz\w*|daten|angaben
            |nutzungsbedingungen) …
        i (?:agree|consent|accept|have read) … (?:privacy|terms|data) …
        (?:name|meinen namen|save my name|save my|required fields|erforderliche felder
            |pflichtfelder) … (?:e-?mail|speichern|browser|marked|markiert|gekennzeichnet) …
        (?:deine|ihre|your) e-?mail-? ?(?:adresse|address) (?:wird|will) …
        """,
        needs=(
            "datenschutz privacy terms agb nutzungsbedingungen recaptcha akismet daten angaben "
            "data mail speicher browser mark gekennzeichnet"
        ),
    ),
    rule(
        "comment rules",
        "edge",
        600,
        r"""
        (?:die )?kommentare … (?:geben|spiegeln|stellen) nicht …|(?:the )?(?:views
            |opinions) expressed in … comments …
        (?:beleidigende|anonyme|unsachliche|beleidigungen)\b … (?:kommentare|beiträge|gelöscht
            |entfernt) …|bitte (?:verwenden|nutzen) sie <your> (?:klarnamen|richtigen namen) …
        wir freuen uns (?:auf|über) (?:<your>|einen|jeden) (?:kommentar|meinung|rückmeldung
            |feedback)\w* …|we(?:[’']d| would) love to hear …
        … kommentare (?:werden|sind) … (?:moderiert|geprüft|freigeschaltet|geschlossen)\b.*
        … (?:kommentarregeln|netiquette|community[- ]?(?:regeln|richtlinien|guidelines|standards
            |rules)|comment(?:ing)? (?:policy|guidelines|rules)|diskussionsregeln|hausregeln) …
        … comments? (?:are|is|on this \w+ are|will be|may be|have been) … (?:moderated|closed
            |reviewed|removed|disabled|off)\b.*
        … (?:behalten|behält) (?:wir |sich )?(?:uns )?(?:das recht )?vor … (?:kommentare?|beiträge
            |zuschriften) …
        … behalten wir uns … (?:kommentar\w*|beiträge|zuschriften) …
        … we reserve the right to … comments? …
        (?:bitte|please) (?:bleiben|bleibt|beachten|achten|keep|be|stay|note
            |remember) … (?:sachlich|respektvoll|höflich|kommentar\w*|respectful|civil|polite
            |on[- ]topic|comments?) …
        die kommentar(?:funktion|spalte|e)? … (?:geschlossen|deaktiviert|geöffnet|beendet) …
        (?:du musst|sie müssen|you must|bitte|please) … (?:angemeldet|eingeloggt|anmelden
            |einloggen|logged in|log in|sign in) … (?:kommentar\w*|kommentieren|comments?) …
        (?:zum kommentieren|um … (?:kommentare?|kommentieren)|to (?:post|leave
            |write) a comment) … (?:anmelden|angemeldet|einloggen|eingeloggt|registrieren
            |logged in|log in|sign in) …
        (?:antworten? abbrechen|cancel reply|kommentar abschicken|post comment|submit comment
            |(?:<your>) (?:kommentar|comment))
        (?:was|wie|what|how|und) … (?:denkt|denkst|denken|meint|meinst|meinen|haltet|hältst
            |do you think) … (?:kommentar\w*|comments?) …
        (?:was (?:denkt|denkst|denken|meint|meinst|meinen|haltet|hältst) (?:<you>)
            |what do you think|was ist <your> meinung)\b[^.]{0,40}\?(?: .{0,80})?
        (?:schreibt|schreiben sie|schreib|teilt|teile|lasst|lass|sagt|sagen sie|verrate|tell|let
            |share) (?:<you>|es|uns|us|deine|eure|your|gerne) … (?:kommentar\w*|comments?
            |leserbrief|meinung) …
        """,
        needs=(
            "comment komment netiquette community hausregeln diskussionsregeln beiträge "
            "zuschriften leserbrief meinung denk mein think halt hält abbrechen anonyme "
            "reply sachlich respekt höflich civil polite topic gelöscht entfernt klarnamen freuen "
            "hear views opinions"
        ),
    ),
    rule(
        "subscription prompt",
        "edge",
        320,
        r"""
        (?=.*\b(?:<ask>)\b)(?=.*\b(?:<offer>)\b)(?=.*\b(?:<our>|we|us|me|wir|uns)\b)[^„“"]*
        (?:please |you must |you need to |bitte |sie müssen )(?=.*\b(?:<ask>)\b)(?=.*\b(?:<offer>
            |again)\b)[^„“"]*
        (?:dieser|der ganze|der vollständige|this) (?:<piece>|content) (?:ist|is) … (?:abonnent\w*
            |abonnement|subscribers?|members?|mitglieder\w*|premium|kostenpflichtig|plus) …
        (?:subscribe|register|log in|sign in|anmelden|registrieren|einloggen|jetzt abonnieren
            |jetzt registrieren) … (?:to (?:continue|read|unlock|comment)|weiterlesen
            |um weiterzulesen|lesen|kommentieren) …
        (?:jetzt |sofort )?(?:weiterlesen|abonnieren|registrieren|abo (?:abschließen|bestellen
            |testen)|subscribe(?: now)?|register(?: now)?|sign up(?: now)?|abschicken|absenden
            |submit|senden)
        (?:bleiben sie|bleib|bleibt|stay|keep) … (?:auf dem laufenden|informiert|up to date
            |updated|informed|in the loop|in touch) …
        (?:(?:der|das|unser|the|our) )?(?:[\w-]+ )?(?:<letter>)(?: (?:aus|für|zum|zur|mit|von|from
            |for|by)\b[^.!?]{0,60})?
        (?:unterstütz\w*|support|help|spenden?|donate|mit (?:<your>) (?:spende
            |unterstützung)) … (?:uns|us|<our>) … (?:journalis\w*|arbeit|work|redaktion|newsroom
            |reporting|blog|magazin|projekt|website|<social>) …
        (?:danke|vielen dank|thank you|thanks) … (?:unterstützung|support|lesen|reading
            |interesse) …
        (?:continue reading|read the full (?:<piece>)|unlock this|get (?:full|unlimited) access
            |lesen sie weiter|den ganzen artikel|sie wollen weiterlesen) …
        (?:want|looking for|lust auf) … (?:stories|news|like this|mehr|davon) …
        """,
    ),
    rule(
        "by-line",
        "head",
        100,
        r"""
        (?:<by>):? <person>(?:(?:,| und| and| &) <person>){0,3}(?: in \w+)?(?: ?[,|·–-] ?.{2,40})?
        (?:local democracy |senior |staff |political |science )(?:reporter|correspondent
            |writer|editor)
        (?:<role>)(?::| by| von) <person>(?: ?[,;|/·] ?(?:<role>)(?::| by| von) .{2,40}){0,4}
        (?:redaktion|reporting from|aus|berichtet aus) <capital>(?:,? <capital>){0,2}
        published|veröffentlicht|aktualisiert|updated|posted
        """,
        spares_first=True,
    ),
    rule(
        "agency mark",
        "edge",
        40,
        r"""
        \W?(?:von |by )?(?:dpa|afp|reuters|epd|kna|apa|dpa-infocom|dpa-afx)(?:[/, ]{1,2}(?:dpa|afp
            |reuters|epd
            |kna|apa)){0,3}
        """,
    ),
    rule(
        "agency mark",
        "tail",
        160,
        r"""
        (?:original-content|pressekontakt|medieninhalte|rückfragen(?: bitte)? an|übermittelt durch
            |originalmeldung|press contact|media contact)\b.*
        redaktion: [\w/ .]{1,30}|[-–—]{1,2} ?[a-zäöü]{2,4} ?[-–—]{1,2}|[a-zäöü]{2,3}[-–—]{1,2}
            |mit agenturmaterial
        … contributed to this (?:report|story|article)
        (?:this|the) (?:<piece>|report) was (?:produced|written|prepared|provided|compiled) by …
        (?:<piece>) has been updated …|this <piece> (?:has been|was) (?:updated|corrected) …
        \W?(?-i:[A-Za-zÄÖÜäöü]{2,12}(?:-[A-Za-zÄÖÜäöü\d]{2,12})?)(?:/(?-i:[a-zäöü]{2,5})){1,3}
        [(\[/](?-i:[a-zäöü]{2,5})(?:[/, ]{1,2}(?-i:[a-zäöü]{2,5}|dpa|AFP|Reuters|AP)){0,3}
        \W?(?:(?:mit )?(?:material (?:von|der)|agenturmaterial
            |mit) )?(?:der )?(?:<press>)(?:[/, ]{1,2}(?:und |and )?(?:<press>|[a-z]{2,4})){0,4}
        dpa(?:-infocom)?, dpa:[\d-]+/\d+|\W?(?:mit
            |with) (?:inputs? from |material von )?(?:agenturen|agencies)
        (?:mit (?:material|informationen|inhalten) (?:von|der|des)|with (?:reporting|material
            |files)|reporting by|editing by|additional reporting) .{2,120}
        (?:quellen?|source):? .{0,30}\b(?:<press>|agency|agentur) …|\((?:additional )?(?:reporting
            |editing|writing) by .{2,150}
        (?:our standards|purchase licensing|licensing rights|view bio|see full bio
            |mehr von diesem autor) …
        red(?:aktion)?\.?|das (?:gespräch|interview) führten? .{3,60}|(?:interview|protokoll
            |übersetzung|aus dem englischen):? (?:von )?.{3,50}
        """,
    ),
    rule(
        "tags",
        "tail",
        240,
        r"""
        (?:themen|topics?|kategorien?|categor(?:y|ies)|rubriken?|ressorts?|mehr zu|more about
            |see more on
            |in this (?:story|article)|related topics
            |verwandte themen) ?: ?(?:[^.!?,]{2,40}, ?){0,12}[^.!?,]{2,40}
        #\w[\w-]{1,40}
        """,
    ),
    rule(
        "page note",
        "edge",
        200,
        r"""
        (?:erschienen|veröffentlicht|published|appeared|appears|aus|from) (?:in|im|der
            |the)\b … (?:ausgabe|heft|print|issue|edition|nr\.?) …
        a version of this <piece> …
        """,
    ),
    rule(
        "page note",
        "tail",
        320,
        r"""
        (?:haben sie|hast du|habt ihr|sie haben|do you have|have you|you have|got|found
            |wenn sie) … (?:hinweise?|fehler|tipps?|feedback|anregungen|a tip|a story|information
            |an error|a mistake) … (?:entdeckt|gefunden|schreib\w*|e-?mail|mail|contact
            |let us know|send) …
        (?:fehler (?:gefunden|entdeckt|melden)|korrektur(?:en)? melden|spotted (?:an error
            |a mistake)|report (?:an error|a typo)|contact the (?:author|reporter)
            |send your story) …
        (?:dieser|der|this) <piece> (?:erschien|ist|wurde|first|was|originally|stammt|appears
            |appeared) … (?:zuerst|ursprünglich|zunächst|erschienen|appeared|published
            |veröffentlicht|aus der|edition|issue|ausgabe) …
        (?:dieser|der|dieses|this) <piece> (?:ersetzt kein\w*|dient … information\w*|is … (?:not
            |informational)|does not) …
        … (?:artikel|beitrag|text|article|story) … (?:lizenzier\w*|nutzungsrechte|reprints?
            |licens\w*) …
        (?:disclaimer|haftungsausschluss|hinweis der redaktion|transparenzhinweis) ?:.*
        (?:über|zu) diese[sm] thema (?:berichtete|sendete|berichteten) …
        the (?:site|\w+) is not responsible for … external sites
        """,
    ),
    rule(
        "copyright line",
        "tail",
        260,
        r"""
        … (?:alle rechte vorbehalten|all rights reserved) …
        (?:nachdruck|vervielfältigung|this material may not be|reproduction) …
        """,
    ),
    rule(
        "share prompt",
        "tail",
        80,
        r"""
        (?:(?:<social>)\W{0,4}){1,3}
        teilen|teile|share|drucken|empfehlen|weiterempfehlen|folgen|follow
        """,
    ),
    rule("navigation", "section", 40, "(?:<section>)"),
)
