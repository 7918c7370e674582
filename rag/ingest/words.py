"""The words that rules share, as alternatives of a regular expression. German and English."""

from __future__ import annotations

WORDS = {
    "social": "facebook|twitter|x|instagram|whats ?app|telegram|linked ?in|xing|pinterest|reddit"
    "|tumblr|mastodon|bluesky|threads|tik ?tok|you ?tube|e-?mail|flipboard|pocket|signal"
    "|messenger|rss|google news|discord|snapchat|steady|patreon|paypal|flattr|spotify|vk"
    "|social media|soziale[nr]? (?:netzwerke|medien)n?",
    "agency": "dpa|afp|ap|reuters|epd|kna|apa|sid|ots|imago|getty|picture[ -]alliance"
    "|shutterstock|pixabay|unsplash|pexels|adobe ?stock|i?stock(?: ?photo)?|fotolia|ddp|alamy"
    "|depositphotos|freepik|wikimedia|wikipedia|flickr|bloomberg|xinhua|zuma|nurphoto|handout"
    "|ullstein|laif|action press|archiv|cc[ -]by",
    "picture": "(?:(?:titel|beitrags|symbol|archiv|vorschau|teaser|artikel|agentur|presse|produkt"
    "|header|aufmacher)-?)?(?:fotos?|bilder|bild|grafik|illustration|infografik|screenshots?"
    "|photos?|photographs?|images?|pictures?|pic|graphic|artwork|photography|fotografie)",
    "credit": "-?\\s?(?:nachweise?|quellen?|rechte|credits?|source|courtesy|copyright|caption"
    "|unterschrift|hinweis|agentur|autor)",
    "piece": "artikel|beitrag|blogbeitrag|blogpost|text|story|bericht|rezept|article|post|page"
    "|seite|piece|video|recipe|column|kolumne|folge|episode|thema",
    "our": "unser\\w*|our|my|meine?[nmrs]?",
    "you": "sie|du|dich|dir|ihr|euch|ihnen|you",
    "your": "ihre?[nmrs]?|deine?[nmrs]?|eure?[nmrs]?|your",
    "letter": "[\\w-]*newsletters?|[\\w-]*briefings?|posteingang|postfach|inbox|mailing list"
    "|rundbrief|mailingliste|push-?\\s?(?:nachrichten|mitteilungen)|notifications",
    "subscribe": "abonnieren?(?: sie)?|abonniert|melden sie sich|melde dich|meldet euch"
    "|(?:tragen sie sich|trage? dich|tragt euch)|bestellen sie|bestelle?|holen sie sich|hol dir"
    "|holt euch|erhalten sie|registrieren sie sich|sichern sie sich|anmelden|sign up|signup"
    "|subscribe|get|join|register|receive|turn on|enable|opt in",
    "newest": "neuen?|neuesten?|aktuellen?|letzten?|ähnlichen?|weiteren?|verwandten?|beliebten?"
    "|beliebtesten?|meistgelesenen?|empfohlenen?|passenden?|anderen?|mehr|top",
    "links": "beiträge|artikel|meldungen|nachrichten|news|posts|storys|geschichten|links|videos"
    "|stellenangebote|jobs|podcasts|themen|rezepte|berichte|tests|ausgaben|schlagzeilen",
    "link": "affiliate-?\\s?|partner-?\\s?|provisions-?\\s?|werbe-?\\s?|referral ",
    "press": "dpa|afp|ap|reuters|epd|kna|apa|sid|ots|dpa-infocom|dpa-afx|red",
    "external": "externe[rsnm]?|drittanbieter\\w*|drittplattformen|third.part\\w+|youtube|google",
    "bargain": "rabatte?|gutscheine?|gutscheincode|sparen|sichern|gratis|kostenlos|€|%|prozent"
    "|deals?|angebote?|discount|coupon|promo|free|% off|sale|trial|code|bestellen|kaufen|testen"
    "|shop",
    "capital": "(?-i:[A-ZÄÖÜ])[\\w.'’-]+",
    "person": "(?-i:[A-ZÄÖÜ])[\\w.'’-]+(?: (?:von|van|de|der|(?-i:[A-ZÄÖÜ])[\\w.'’-]*)){1,3}",
    "by": "von|by|text|autor|autorin|author|written by|geschrieben von|ein kommentar von"
    "|eine analyse von|ein gastbeitrag von|interview|words by",
    "trade": "redakteur(?:in)?|journalist(?:in)?|reporter(?:in)?|korrespondent(?:in)?|autor(?:in)?"
    "|volontär(?:in)?|blogger(?:in)?|kolumnist(?:in)?|fotograf(?:in)?|kritiker(?:in)?|writer|editor"
    "|correspondent|columnist|contributor|reviewer|critic|photographer|author|chefredakteur(?:in)?"
    "|mitarbeiter(?:in)?|hospitant(?:in)?|freelancer",
    "rank": "(?:freie[rn]?|leitende[rn]?|stellvertretende[rn]?|politische[rn]?|verantwortliche[rn]?"
    "|senior|staff|freelance)",
    "role": "protokoll|interview|text|texte|fotos?|bilder|video|kamera|schnitt|grafik|illustration"
    "|recherche|redaktion|mitarbeit|bearbeitung|produktion|moderation|words|photos|photography"
    "|reporting|editing|editor|producer|autor|autorin|author|written|story",
    "ask": "sign up|subscribe|log in|sign in|register|confirm|click|tap|download|share|follow|join"
    "|contact|support|donate|buy|order|enter|accept|agree|abonnier\\w*|anmelden|melden|einloggen"
    "|registrier\\w*|akzeptier\\w*|klick\\w*|lad(?:en|e)|teil(?:en|e|t)|folg(?:en|e|t)"
    "|unterstütz\\w*|spend\\w*|bestell\\w*|schreib\\w*|testen|erhalten|sichern|hol\\w*",
    "offer": "newsletters?|inbox|mailings?|accounts?|abos?|abonnements?|subscriptions?|cookies?"
    "|tracking|comment(?:s|ing|er)?|kommentar\\w*|display name|nutzername|notifications?|podcasts?"
    "|offers?|deals?|brands|advertis\\w*|werbung|anzeigen|provision\\w*|commissions?|membership"
    "|mitgliedschaft|paywall|e-?paper|whatsapp|feed|probeabo|journalismus|journalism|datenschutz\\w*"
    "|privacy|reprints?|licens\\w*|netiquette",
    "section": "home|startseite|news|nachrichten|ressorts?|politik|wirtschaft|sport|kultur|wissen"
    "|wissenschaft|panorama|gesellschaft|technik|digital|netzwelt|meinung|regional|lokales|reise"
    "|auto|mobilität|gesundheit|karriere|unterhaltung|finanzen|börse|international|ausland|inland"
    "|deutschland|welt|videos?|podcasts?|fotos|bilder|themen|archive?|magazin|shop|abo|e-?paper"
    "|newsletter|suche|search|menü|menu|login|log in|anmelden|registrieren|sign in|sign up"
    "|subscribe|subscriptions?|kontakt|contact|impressum|datenschutz(?:erklärung|hinweise?)?|agb|team|jobs"
    "|nutzungsbedingungen|über uns|about(?: us)?|careers|werben|mediadaten|advertise|hilfe|help|faq"
    "|privacy(?: policy)?|terms(?: of (?:use|service))?|cookies?(?: settings| policy)?"
    "|cookie-einstellungen|imprint|sitemap|rss|world|business|politics|tech|technology|science|health|opinion|arts"
    "|culture|life|lifestyle|travel|style|entertainment|local|us|uk|europe|europa|money|markets"
    "|weather|wetter|reviews?|tests|ratgeber|blog|forum|community|widerruf|barrierefreiheit|more"
    "|mehr|kategorien|categories|collection notice|accessibility|do not sell my information",
}
