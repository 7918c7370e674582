"""Lines that are no article wherever they stand on a page. German and English."""

from __future__ import annotations

from rag.ingest.rules import AGENCY, BUY, CREDIT, LETTER, OUR, PICTURE, PIECE, READER, SOCIAL, rule

ANYWHERE = (
    rule(
        "photo credit",
        "anywhere",
        220,
        r"\W{0,3}(?:©|\(c\)\s|copyright\b).*",
        rf"\W{{0,2}}{PICTURE}{CREDIT}\b.{{0,150}}",
        r"\W{0,2}(?:symbolbild|symbolfoto|archivbild|archivfoto|beispielbild|stock photo)\W{0,2}",
        rf".{{0,200}}[/|(©,:–—-]\s?{AGENCY}\b[^.!?]{{0,40}}\)?",
        rf".{{0,200}}[.!?)\]|(\[/–—]\s{{0,2}}{PICTURE}{CREDIT}?\s?[:©]\s?[^:]{{2,70}}",
        r".{0,200}\s[(\[]?©\s?[^.]{2,70}",
        r"\W{0,2}(?:bild|foto|image|photo|picture)\w{0,2} (?:von|by|via|courtesy of) "
        r"[^.]{2,60}\b(?:auf|on|via|from|/)\W?\s?[^.]{2,40}",
        r"\W{0,2}(?:photo|image|picture|illustration|photograph)s? (?:by|courtesy)\b[^.]{2,80}",
    ),
    rule(
        "photo credit",
        "anywhere",
        120,
        rf"\W{{0,2}}(?:{PICTURE}|credits?|courtesy|bildunterschrift)\s?[:|/]\s?.{{2,100}}",
        spares_first=True,
    ),
    rule(
        "advertisement",
        "anywhere",
        160,
        r"(?:anzeigen?|werbung|werbeanzeige|advertisements?|advertising|sponsored(?: content| post)?"
        r"|promoted|gesponsert|advertorial|bezahlte partnerschaft|paid (?:content|partnership|post)"
        r"|- ?anzeige ?-|ad|partner-?angebote?|sponsored by .{2,60})\W{0,3}",
        rf"(?:anzeige|werbung|sponsored|gesponsert|promoted|advertisement|ad|(?:partner|top)-?angebot"
        rf"|deal des tages|shopping-?tipp|angebot|produkttipp|promo)\s?[:|–—-]\s?.*{BUY}.*",
        rf"(?:advertisement|anzeige) ?[·|–-] ?.{{2,40}}|(?:weiter(?:lesen)?|{PIECE} (?:wird|geht)|hier geht es|the {PIECE}|{PIECE}|scroll)\b"
        r".{0,40}\b(?:anzeige|werbung|advertisement|ad|continue|continues below)\b.{0,30}",
        r"(?:jetzt|nur heute|nur für kurze zeit|sichern? sie sich|sichere? dir|spare[n]?|sparen sie"
        r"|save up to|shop now|buy now|order now|try it|claim your|grab your|get \d+ ?%)\b"
        r"(?=.*(?:rabatt|gutschein|sparen|€|%|prozent|gratis testen|kostenlos testen|discount|coupon"
        r"|promo|free trial|deal|angebot)).{0,140}",
        r"(?:zum|zum besten|hier zum) (?:angebot|shop|deal)\W{0,3}|(?:buy|shop|view) (?:now|deal|at .{2,30})\W{0,3}",
    ),
    rule(
        "affiliate note",
        "anywhere",
        600,
        rf"[^„“\"]*(?:dieser|diesem|der|dem|unser\w*|this|our|the) (?:\w+ )?{PIECE}s?\b[^„“\"]{{0,80}}"
        r"\b(?:enthält|enthalten|sind|befinden|contains?|includes?|features?|may contain|verwenden)\b"
        r"[^„“\"]{0,80}\b(?:affiliate|partner|provisions|werbe|referral|sponsored)[- ]?\s?(?:-\s?)?links?"
        r"[^„“\"]*",
        rf"in diese[mr] {PIECE} (?:sind|befinden sich|stecken|können)[^„“\"]{{0,60}}"
        r"(?:affiliate|partner|provisions|werbe)-?\s?links?[^„“\"]*",
        r"[^„“\"]*\b(?:gekennzeichnete[nr]?|markierte[nr]?|versehene[nr]?|marked|mit (?:einem )?(?:\*|stern\w*))"
        r"[^„“\"]{0,60}\blinks?\b[^„“\"]*",
        r"[^„“\"]*\blinks?\b[^„“\"]{0,80}\b(?:gekennzeichnet|markiert|marked with)\b[^„“\"]{0,120}",
        r"[^„“\"]*\b(?:erhalten|bekommen|verdienen|erhalte|bekomme|verdiene|erhält|bekommt)\s"
        r"(?:wir|ich|die redaktion|unsere redaktion|der betreiber|\w+\.\w+)\b[^„“\"]{0,80}"
        r"(?:provision|vergütung|kommission)[^„“\"]*",
        r"[^„“\"]*\b(?:link|kauf|bestell|klick)[^„“\"]{0,160}\bwir\b[^„“\"]{0,60}\bprovision[^„“\"]*",
        r"[^„“\"]*\b(?:we|i|us)\b[^„“\"]{0,40}\b(?:earn|receive|get|make|paid)\b[^„“\"]{0,40}"
        r"\bcommissions?\b[^„“\"]*",
        r"(?:als amazon-partner|as an amazon associate)\b.*",
        r".{0,80}\b(?:für (?:sie|dich|euch)|ihnen|dir|euch) (?:ändert|entstehen|bleibt|fallen|entsteht)\b"
        r"[^„“\"]{0,60}\b(?:preis|kosten|mehrkosten|nichts)\b.{0,60}",
        r"[^„“\"]{0,120}\bat no (?:extra|additional) cost to you\b.{0,60}",
        r"\W{0,3}(?:affiliate|partner|provisions|werbe)-?\s?links?\W{0,3}",
    ),
    rule(
        "newsletter prompt",
        "anywhere",
        320,
        rf"(?:jetzt |hier |kostenlos )?(?:{OUR} |den |zum |für den |the )?(?:\w+ )?[\w-]*newsletters? "
        r"(?:jetzt |hier |kostenlos |gratis )?(?:abonnieren|bestellen|anmelden|erhalten|eintragen|"
        r"sign-?up|lesen)\W{0,3}",
        r"(?:[^.!?„“\"]{2,80}[.!?] ){0,2}(?:abonnieren? sie|abonniere|abonniert|melden sie sich|melde dich|meldet euch|tragen sie sich"
        r"|trage? dich|bestellen sie|holen sie sich|hol dir|erhalten sie|registrieren sie sich"
        r"|jetzt|hier|sign up|subscribe|get|join|register|receive)\b[^„“\"]{0,120}"
        rf"\b(?:{OUR}|your|ihr|dein|euer|zum|für den|kostenlose[nr]?|tägliche[nr]?|wöchentliche[nr]?"
        rf"|free|daily|weekly)\b[^„“\"]{{0,40}}\b{LETTER}\b.*",
        rf"(?:{READER} )?.{{0,20}}(?:willst|wollt|wollen|möchten|möchtest|want)\b.{{0,20}}"
        r"\b(?:nichts|keine?n?|never)\b.{0,60}\b(?:verpassen|miss)\b.{0,40}",
        r"(?:nie wieder|nichts|keine?n?) .{0,40}(?:mehr )?verpassen\W{0,3}",
        r"(?:verpassen sie|verpasse|verpasst) (?:nichts|keine?n?)\b.{0,120}",
        r"(?:never miss|don[’']t miss) (?:a|an|another|out|our)\b.{0,100}",
        rf".{{0,40}}\b{LETTER}\b.{{0,60}}\b(?:jederzeit|anytime|any time)\b.{{0,60}}",
        r"(?:you can unsubscribe|sie können sich jederzeit|abmeldung (?:ist )?jederzeit|unsubscribe)\b.{0,120}",
        r"(?:by (?:signing up|subscribing|submitting|clicking)|mit (?:ihrer|deiner|der) anmeldung)\b.{0,250}",
        r"(?:ihre|deine|your|enter your|gib deine|geben sie ihre) e-?mail(?:-?\s?adresse| address)?"
        r"(?: ein(?:geben)?)?\W{0,3}",
        r"(?:alles wichtige|the (?:latest|best|most important)|die wichtigsten)\b[^„“\"]{0,120}"
        rf"\b(?:{LETTER}|per e-?mail|per mail|by email|to your email)\b.{{0,60}}",
    ),
    rule(
        "share prompt",
        "anywhere",
        160,
        rf"(?:jetzt |diese[nrs]? |den |die )?(?:{PIECE}|link|url)?\s?(?:auf|per|via|bei|mit|in)?\s?"
        rf"(?:{SOCIAL}(?:,? (?:und |oder )?{SOCIAL}){{0,6}})?\s?(?:teilen|twittern|posten|weitersagen"
        r"|versenden|weiterleiten|weiterempfehlen|drucken|merken|kopieren)(?: (?:auf|via|per)\b.{0,60})?\W{0,3}",
        rf"(?:share|tweet|pin|pin it|print|bookmark|copy link|forward|email)(?: (?:this|the|it|a|with|on|via|to|by|for|later"
        rf"|{PIECE}|link|now|friends?|your|{SOCIAL}|or|and)){{0,8}}\W{{0,3}}",
        rf"(?:{SOCIAL}\W{{1,4}}){{2,9}}{SOCIAL}\W{{0,3}}",
        rf"(?:gefällt|gefiel|hat) (?:dir|ihnen|euch) (?:der|die|das|dieser?|unser)\b.{{0,40}}{PIECE}.{{0,110}}",
        rf"(?:teile|teilt|teilen sie|empfehlen sie|empfiehl) .{{0,20}}\b(?:{PIECE}|ihn|sie)\b.{{0,80}}",
        rf"(?:did you |if you )?(?:like|liked|enjoy|enjoyed)\b (?:this|our|the) {PIECE}\b.{{0,110}}",
        r"spread the word\b.{0,40}|sharing is caring\W{0,3}|(?:zur|auf die) (?:merkliste|leseliste).{0,20}",
        rf"(?:war|wie (?:hat|fanden)|was|how) .{{0,20}}(?:dieser?|der|this) {PIECE}\b.{{0,20}}"
        r"(?:hilfreich|gefallen|helpful|useful)\W{0,3}",
    ),
    rule(
        "follow prompt",
        "anywhere",
        220,
        rf"(?:folgen sie|folge|folgt|follow|find|like|besuchen? sie|besucht|abonnieren sie|abonniere|join)\b"
        rf" (?:auch )?(?:uns|us|mir|me|our|unsere[nm]?|the author|dem autor|der autorin|[\w.-]+(?: [\w.-]+)?)\b"
        rf".{{0,40}}\b{SOCIAL}\b.{{0,80}}",
        r"(?:rss-?)?feed (?:abonnieren|abonniert)\W{0,3}|(?:subscribe to|abonniere[n]?) .{0,30}\brss\b.{0,30}",
        r".{0,140}\b(?:feed (?:dieses beitrags|zu diesem)|hauptfeed|kommentar-?feed|comments? feed)\b.{0,100}",
        rf"(?:unser\w*|our|jetzt|neu:?)\b.{{0,40}}\b{SOCIAL}-?\s?(?:kanal|channel|gruppe|group)\b.{{0,100}}",
        r"(?:laden sie|lade dir|holen sie sich|download|get)\b.{0,20}\b(?:unsere?|our)\b.{0,40}\bapp\b.{0,60}",
    ),
    rule(
        "embed notice",
        "anywhere",
        420,
        r"(?:externer inhalt|empfohlener (?:redaktioneller|externer) inhalt|externe inhalte (?:anzeigen|laden)"
        r"|(?:video|inhalt|karte|tweet|beitrag|podcast) (?:laden|anzeigen|abspielen)|play video|video abspielen"
        r"|view (?:this post|more) on \w+|inhalt(?:e)? von \w+ (?:anzeigen|laden))\W{0,3}",
        r"mit (?:ihrer|deiner) zustimmung\b.{0,60}\b(?:extern|inhalt|video|geladen).{0,200}",
        r"(?:an dieser stelle (?:finden|findest)|hier (?:finden|findest)).{0,40}(?:extern|inhalt von).{0,300}",
        r"ich (?:bin (?:damit )?einverstanden|stimme zu).{0,40}\bextern.{0,300}",
        r"(?:damit können |durch|mit|by) .{0,60}\b(?:personenbezogene daten|drittplattformen|drittanbieter"
        r"|third.part(?:y|ies))\b.{0,260}",
        r"mit dem (?:laden|abspielen|klick)\b.{0,300}\b(?:datenschutz|nutzungsbedingungen|google|youtube).{0,120}",
        r"mehr dazu in unserer datenschutzerklärung\W{0,3}|this content is hosted by\b.{0,200}",
    ),
    rule(
        "reading aid",
        "anywhere",
        80,
        r"(?:ca\. |geschätzte )?(?:lesezeit|lesedauer|reading time)\W{0,3}(?:ca\. ?)?\d+.{0,20}",
        r"\d+ ?-?min(?:ute[ns]?|s)?\.? (?:read|lesezeit|lesedauer)\W{0,3}",
        r"(?:artikel|beitrag|text) (?:anhören|vorlesen|merken|speichern|drucken)\W{0,3}|vorlesen|merken|druckansicht",
        r"(?:listen to this (?:article|story)|listen|audio version|save (?:this )?(?:article|story)|print)\W{0,3}",
        r"(?:artikel vorlesen|in (?:pocket|der app) (?:speichern|lesen)|als pdf|pdf|druckversion)\W{0,3}",
    ),
    rule(
        "related link",
        "anywhere",
        240,
        r".{5,140}\+\+\+",
        r"(?:lesen sie (?:auch|dazu|hierzu|mehr|jetzt)|lies auch|lies dazu|mehr zum thema|auch interessant"
        r"|mehr dazu|passend dazu|dazu passt|lesetipp|lese-tipp|read (?:more|also|next)|also read"
        r"|related(?: (?:story|article|post)s?)?|more on this|recommended(?: reading)?|weiterlesen)"
        r"\s?[:|–»>]\s?\S.{2,200}",
        spares_first=True,
    ),
    rule(
        "related links",
        "links",
        100,
        r"(?:die )?(?:neueste|aktuelle|letzte|ähnliche|weitere|verwandte|beliebte|meistgelesene|empfohlene"
        r"|passende|neue)n? (?:beiträge|artikel|meldungen|nachrichten|posts|themen|videos|links)"
        r"(?: (?:aus|zu|von|zum|im|in)\b.{0,50})?\W{0,3}",
        r"(?:das|dies|diese (?:artikel|beiträge|themen)|was) (?:könnte|könnten|dürfte) (?:sie|dich|euch|ihnen) "
        r"(?:auch |ebenfalls |noch )?(?:interessieren|gefallen)\W{0,3}",
        r"(?:lesen sie (?:auch|dazu|mehr(?: zum thema)?)|lies auch|mehr (?:zum thema|aus|von|auf) ?.{0,40}"
        r"|mehr (?:artikel|nachrichten|news)\b.{0,40}|auch interessant|meistgelesen|top-?artikel|lesetipps?"
        r"|zum thema|mehr dazu|passend zum thema|themen-?specials?|am meisten gelesen|jetzt lesen)\W{0,3}",
        r"(?:related|recommended|popular|latest|recent|trending|further|other|more)"
        r"(?: (?:articles?|posts?|stories|story|reading|news|topics|content|coverage|links|from .{2,50}|on .{2,50}"
        r"|by .{2,40}|in .{2,40}|for you|to read|to explore|now)){1,3}\W{0,3}",
        r"(?:you (?:may|might) (?:also )?(?:like|be interested in|enjoy)|read (?:next|more|also)|up next|most (?:read|popular|viewed)"
        r"|trending(?: now)?|what to read next|don[’']t miss|editors?[’']s? picks?|related|also (?:read|on .{2,40}))\W{0,3}",
    ),
    rule(
        "reader comments",
        "comments",
        200,
        r"\(?\d+\)? (?:leser-?|user-?)?(?:kommentare?|comments?|antworten|replies|reply|responses?|reaktionen"
        r"|leserbriefe|meinungen)(?: (?:anzeigen|lesen|ansehen|schreiben|on|to|zu|zum)\b.{0,120})?\W{0,3}",
        r"kommentare (?:lesen|anzeigen|ansehen|öffnen|ausblenden)\W{0,3}(?:\(\d+\))?|(?:read|show|hide|view) comments\W{0,3}\d*\W{0,2}",
        r"(?:leser-?|user-?)?(?:kommentare?|comments?|responses?) ?(?:[(:\[]|–) ?\d+ ?[)\]]?",
        r"(?:ein|eine|one|\w+|\d+) (?:gedanken?|thoughts?|antwort(?:en)?|comments?|kommentare?|responses?|repl(?:y|ies))"
        r" (?:zu|on|to|auf) [„“\"'‘«»].{0,150}",
        r"(?:schreiben? sie|schreibe?|hinterlassen? sie|hinterlasse?|verfassen? sie|verfasse) (?:uns )?"
        r"(?:hier )?(?:einen|deinen|ihren) kommentar\b.{0,60}",
        r"(?:einen |deinen |ihren |neuen |ersten )?kommentar (?:schreiben|verfassen|hinterlassen|abgeben|hinzufügen)\W{0,3}",
        r"(?:leave|post|add|write|submit) (?:a|your) (?:reply|comment)s?\b.{0,80}",
        r"(?:join|be part of|start) the (?:conversation|discussion)\b.{0,60}|be the first to comment\W{0,3}",
        r"(?:diskutieren sie|diskutiere|diskutiert|kommentieren sie) (?:mit|diesen)\b.{0,80}|mitdiskutieren\W{0,3}",
        r"(?:noch )?keine kommentare\b.{0,40}|no comments(?: yet)?\W{0,3}|alle kommentare (?:anzeigen|lesen|öffnen)\W{0,3}",
        r"(?:view|show|see|read|load) (?:all |more )?(?:\d+ )?comments\W{0,3}|(?:weitere|mehr) kommentare (?:laden|anzeigen)\W{0,3}",
    ),
    rule(
        "reader comments",
        "maybe comments",
        60,
        r"(?:(?:leser|user|nutzer|gäste)-?)?(?:kommentare?|comments?|meinungen|reaktionen)\W{0,3}"
        r"|(?:die )?(?:diskussion|discussion|leserbriefe|leserstimmen|conversation|responses|reader comments"
        r"|readers?[’'] comments|community|forum)\W{0,3}",
    ),
)
