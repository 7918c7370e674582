"""Credits, notices, aids and links: no article wherever they stand. German and English."""

from __future__ import annotations

from rag.ingest.rules import rule

FURNITURE = (
    rule(
        "photo credit",
        "anywhere",
        220,
        r"""
        \W{0,2}<picture>s?(?: \(\d+\))? ?(?:[:©]|via|/) ?.{2,80}
        \W{0,3}(?:©|\(c\) |copyright\b).*
        \W{0,2}<picture><credit>\b.{0,190}
        \W{0,2}(?:symbolbild|symbolfoto|archivbild|archivfoto|beispielbild|stock photo|file photo)
        .{0,200}[/|(,:–—-] ?(?:<agency>)\b[^.!?]{0,40}
        .{0,200}[.!?)\]|(\[/–—] {0,2}<picture><credit>? ?[:©] ?[^:]{2,70}
        .{0,200} [(\[]?© ?[^.]{2,70}
        (?:<agency>) ?/ ?[^.!?]{2,50}
        \W{0,2}<picture> (?:von|by|via|courtesy of) [^.]{2,60}\b(?:auf|on|via|from
            |/)\W? ?[^.]{2,40}
        \W{0,2}(?:photo|image|picture|illustration|photograph)s? (?:by|courtesy)\b[^.]{2,80}
        """,
    ),
    rule(
        "photo credit",
        "anywhere",
        120,
        r"""
        \W{0,2}(?:<picture>|credits?|courtesy|bildunterschrift) ?[:|/] ?.{2,100}
        """,
        spares_first=True,
    ),
    rule(
        "embed notice",
        "anywhere",
        460,
        r"""
        (?:wir (?:benötigen|brauchen)|we need) <your> (?:zustimmung|einwilligung|consent) …
        (?:externer inhalt|empfohlener (?:redaktioneller|externer) inhalt
            |externe inhalte (?:anzeigen|laden))
        (?:video|inhalte?|karte|tweet|beitrag|podcast)(?: von \w+)? (?:laden|anzeigen|abspielen
            |entsperren)|play video
        view (?:this post|more) on \w+|inhalt nicht verfügbar|content not available
        (?:dieser inhalt|this content|dieses video) … (?:<external>) …
        (?:an dieser stelle|hier) (?:finden|findest|steht|befindet sich|sollte) … (?:extern\w*
            |inhalt) …
        (?:mit|with) (?:<your>) (?:zustimmung|einwilligung|consent) … (?:<external>|inhalt|video
            |geladen) …
        ich (?:bin (?:damit )?einverstanden|stimme zu) … (?:<external>) …
        (?:damit können|dabei können|durch|by) … (?:personenbezogene daten|<external>) …
        mit dem (?:laden|abspielen|klick) … (?:datenschutz\w*|nutzungsbedingungen|<external>) …
        mehr (?:dazu|informationen) (?:dazu )?in <our> datenschutzerklärung
            |this content is hosted by …
        """,
    ),
    rule(
        "reading aid",
        "anywhere",
        80,
        r"""
        (?:inhalt|inhaltsverzeichnis)(?: (?:dieses|des) (?:<piece>)s?)?|table of contents
            |in this <piece>
        (?:ca\. |geschätzte )?(?:lesezeit|lesedauer|reading time)\W{0,3}(?:ca\. ?)?\d+.{0,20}
        \d+ ?-?min(?:ute[ns]?|s)?\.? (?:read|lesezeit|lesedauer)
        (?:<piece> )?(?:anhören|vorlesen|merken|speichern|drucken|nachhören|kommentieren)
            |druckansicht
        (?:listen to this (?:<piece>)|listen|audio version|save (?:this )?(?:<piece>)|print)
        (?:in (?:pocket|der app) (?:speichern|lesen)|als pdf|pdf|druckversion|expand full comment)
        jederzeit zum nachhören|hörfunk hören|audio abspielen|play audio
        schriftgröße(?:\W+(?:a|ändern|anpassen|einstellen|wählen|zurücksetzen|normal|mittel|klein
            |(?:sehr )?groß|größer|kleiner|vergrößern|verkleinern)\b)*\W*
        """,
    ),
    rule(
        "media control",
        "anywhere",
        120,
        r"""
        (?:view|see|open|show|hide|toggle|click|tap|klicken sie|klicken|zum|zur)(?: the| für| zum
            | zur| to)? (?:image|photos?|gallery|slideshow|fullscreen|caption|enlarge|expand
            |vergrößern|großansicht|vollbild|bildergalerie|fotoshow|fotostrecke
            |galerie)(?: (?:in fullscreen|öffnen|starten|\(.{2,14}\)))?
        (?:bild|foto|image|photo|slide) \d{1,3} ?(?:von|of|/) ?\d{1,3}|\d{1,3} (?:von|of) \d{1,3}
        (?:bildergalerie|fotostrecke|galerie|gallery|slideshow)(?: \(\d+ .{2,12}\))?
        (?:now |currently )playing:? .{0,60}|loading(?: video)?|media caption
        (?:this|das|dieses|the) (?:video|audio)(?: player)? (?:cannot|can[’']t|kann nicht|is
            |ist) (?:be )?(?:played|loading|loaded|unavailable|abgespielt|nicht verfügbar) …
        (?:(?:video|media|audio) player is|unable to|could not|failed to) load …
        (?:to play this video|<your> browser (?:does|doesn|unterstützt)|ihr gerät unterstützt) …
        \d+ seconds of .{5,60}|\d{1,2}:\d\d ?/ ?\d{1,2}:\d\d
        abspielen\b.{0,10}laufzeit .{3,60}|laufzeit:? \d.{0,40}
        listen(?: to this <piece>)? ?·? ?\d{1,3}(?::\d\d)? min(?:utes)?|\d{1,3} min(?:utes?)? listen
        (?:skip |skip past |after )newsletter promotion|jump to recipe|download pdf
        """,
        spares_first=True,
    ),
    rule(
        "related link",
        "anywhere",
        240,
        r"""
        (?:related (?:article|story|post)|vorheriger artikel|nächster artikel|vorheriger beitrag
            |nächster beitrag|previous (?:post|article)|next (?:post|article)):? [^.]{5,150}
        (?:auch (?:spannend|lesenswert|interessant|wichtig)|mehr lesen|more stories|must read|bonus
            |zum weiterlesen) ?[:|–»>] ?\S.{2,200}
        .{5,140}\+\+\+|read: \S.{2,200}
        (?:lesen sie (?:auch|hier|dazu|hierzu|mehr|jetzt)|lies auch|lies dazu|mehr zum thema
            |auch interessant|mehr dazu|passend dazu|dazu passt|lesetipp|lese-tipp|weiterlesen
            |auch lesenswert|unsere empfehlung|empfehlung)(?: für (?:<you>))? ?[:|–»>] ?\S.{2,200}
        (?:read(?: more| also| next)|also read|related(?: (?:story|article|post|reading)s?)?
            |more on this|recommended(?: reading)?|further reading|watch|see also
            |don[’']t miss) ?[:|–»>] ?\S.{2,200}
        """,
        spares_first=True,
    ),
    rule(
        "navigation",
        "anywhere",
        80,
        r"""
        (?:skip to|zum|zur|jump to) (?:main )?(?:content|inhalt|hauptinhalt|navigation
            |suche)(?: springen)?
        (?:nach oben|back to top|zum seitenanfang|to top|nach oben scrollen
            |(?:zurück )?zur (?:übersicht|startseite))
        zurück zum (?:seitenanfang|anfang|artikel)|(?:vorheriger|nächster|previous|next|older
            |newer) <piece>
        (?:menü|menu|navigation|suche|search) (?:öffnen|schließen|anzeigen|open|close|toggle)
            |toggle (?:menu|navigation)
        (?:open|close|show|hide) (?:main )?(?:menu|navigation|search)
        """,
    ),
    rule(
        "tags",
        "anywhere",
        300,
        r"""
        (?:stichwörter|tagged|markiert mit|veröffentlicht (?:in|unter)|posted in) ?:? .{2,200}
        (?:tags?|schlag(?:wörter|worte|wort)|hashtags?|filed under|tagged(?: with| as)?|posted in
            |abgelegt unter|verschlagwortet mit|veröffentlicht (?:in|unter)) ?[:|] ?.{1,280}
        (?:#\w[\w-]{1,40}[\s,]{0,3}){2,20}
        """,
        spares_first=True,
    ),
)
