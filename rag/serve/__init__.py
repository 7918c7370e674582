"""The assistant for other programs: HTTP, OpenAI's chat protocol and MCP, over one Assistant.

`rag.serve.app.build_app` makes the application, `rag.serve.run` listens. Needs the extra `serve`.
"""
