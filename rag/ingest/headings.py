"""Headings of whole parts of a page that are no article. German and English."""

from __future__ import annotations

from rag.ingest.rules import rule

HEADINGS = (
    rule(
        "related links",
        "links",
        100,
        r"""
        (?:<newest>) (?:interessante|spannende|lesenswerte) (?:<links>)|weiterführende (?:links
            |artikel|informationen)
        lesen sie (?:hier|jetzt|auch|dazu|mehr)(?: (?:auch|weiter|mehr|dazu|zu diesem thema))?
            |more like this
        (?:top|aktuelle|neueste)-?\s?(?:meldungen|nachrichten|schlagzeilen)|aktuelles
            |aus dem archiv|in other news
        what (?:others|people) are reading|(?:paid content|promoted stories|from our partners
            |anzeigen von .{2,30})
        (?:das|was) (?:lesen andere|andere leser lasen|andere leser interessiert).{0,30}
            |reader interactions|see all topics
        (?:die |unsere )?(?:<newest>) (?:<links>)(?: (?:aus|zu|von|zum|im|in|auf) .{0,50})?
        (?:das|dies|diese (?:artikel|beiträge|themen)|was) (?:könnte|könnten
            |dürfte) (?:<you>) (?:auch |ebenfalls |noch )?(?:interessieren|gefallen)
        lesen sie (?:auch|dazu|mehr(?: zum thema)?)|lies auch|auch interessant|meistgelesen
            |lesetipps?
        mehr (?:zum thema|aus|von|auf|zu)\b.{0,40}|zum thema|mehr dazu
            |passend zum (?:thema|<piece>)|zum weiterlesen|empfehlungen der redaktion
            |jetzt lesen
        top-?(?:artikel|themen|storys|stories)|themen-?specials?|am meisten gelesen
            |unsere empfehlungen?
        (?:related|recommended|popular|latest|recent|trending|further|other|more
            |top)(?: (?:articles?|posts?|stories|story|reading|news|topics|content|coverage|links
            |internet|from .{2,50}|on .{2,50}|by .{2,40}|in .{2,40}|for you|to read|to explore
            |now)){1,3}
        you (?:may|might) (?:also )?(?:like|be interested in|enjoy)|read (?:next|more|also)|up next
        most (?:read|popular|viewed)|trending(?: now)?|what to read next|don[’']t miss
            |around the web
        (?:our |the )?editors?[’']?s? picks?|related|also (?:read|on .{2,40})|from (?:our
            |around) .{2,40}
        schlagwörter(?: zu diesem <piece>)?|(?:verwandte|ähnliche|weitere|related) (?:themen
            |topics)
        (?:our|more|unsere) (?:coverage|berichterstattung)(?: (?:of|on|über|zu) .{2,50})?
        dieses thema im programm|sponsored links .{0,30}|weitere informationen aus .{2,40}
        """,
    ),
    rule(
        "reader comments",
        "comments",
        200,
        r"""
        \(?\d+\)? (?:leser-?|user-?)?(?:kommentare?|comments?|antworten|replies|reply|responses?
            |reaktionen|leserbriefe|meinungen)(?: (?:anzeigen|lesen|ansehen|schreiben|on|to|zu
            |zum)\b.{0,120})?
        kommentare (?:lesen|anzeigen|ansehen|öffnen|ausblenden)\W{0,3}(?:\(\d+\))?
        (?:view|show|see|read|load|hide) (?:all |more )?(?:\d+ )?comments\W{0,3}\d*
        (?:leser-?|user-?)?(?:kommentare?|meinungen|comments?|responses?) ?(?:[(:\[]|–) ?\d+ ?[)\]]?
        (?:ein|eine|one|\w+|\d+) (?:gedanken?|thoughts?|antwort(?:en)?|comments?|kommentare?
            |responses?|repl(?:y|ies)) (?:zu|on|to|auf) [„“"'‘«»].{0,150}
        (?:schreiben? sie|schreibe?|hinterlassen? sie|hinterlasse?|verfassen? sie|verfasse
            |lass uns|lasst uns) (?:uns |gern[e]? )?(?:hier )?(?:einen|deinen|ihren
            |euren) kommentar …
        (?:einen |deinen |ihren |neuen |ersten )?kommentar (?:schreiben|verfassen|hinterlassen
            |abgeben|hinzufügen) …
        (?:leave|post|add|write|submit) (?:a|your) (?:reply|comment)s? …
        (?:join|be part of|start) the (?:conversation|discussion) …|be the first to comment
        (?:diskutieren sie|diskutiere|diskutiert|kommentieren sie) (?:mit|diesen) …|mitdiskutieren …
        (?:noch )?keine kommentare …|no comments(?: yet)?|alle kommentare (?:anzeigen|lesen|öffnen)
        (?:weitere|mehr) kommentare (?:laden|anzeigen)|discussion about this post
        """,
    ),
    rule(
        "reader comments",
        "maybe comments",
        60,
        r"""
        (?:(?:leser|user|nutzer|gäste)-?)?(?:kommentare?|comments?|meinungen|reaktionen)
        (?:die )?(?:diskussion|discussion|leserbriefe|leserstimmen|conversation|responses
            |community|forum)
        reader comments|readers?[’'] comments|<your> (?:meinung|kommentar|comment)
        """,
    ),
)
