using System.Collections.Immutable;
using System.Runtime.CompilerServices;

namespace Connector.Templates.Jinja;

/// <summary>Parses a template into its statements.</summary>
internal sealed class TemplateParser
{
    private const int MaxDepth = 200;

    private readonly TokenStream _tokens;
    private readonly ExpressionParser _expressions;
    private int _depth;
    private int _loops;

    private TemplateParser(TemplateSource source)
    {
        _tokens = new TokenStream(source);
        _expressions = new ExpressionParser(_tokens);
    }

    /// <exception cref="ChatTemplateException">The template is broken; the exception says where.</exception>
    public static Block Parse(TemplateSource source) => new TemplateParser(source).ParseBody(0).Body;

    /// <summary>Parses statements up to one of the given tags, whose name it eats, or to the end where none is given.</summary>
    private (Block Body, string End) ParseBody(int opening, params ReadOnlySpan<string> ends)
    {
        if (++_depth > MaxDepth || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw _tokens.Error("the blocks nest too deeply", opening);
        }

        var statements = ImmutableArray.CreateBuilder<Statement>();
        while (_tokens.Current.Kind != TokenKind.End)
        {
            var token = _tokens.Next();
            switch (token.Kind)
            {
                case TokenKind.Data:
                    statements.Add(new TextStatement(token.Position, JinjaString.Template(token.Text)));
                    break;
                case TokenKind.VariableBegin:
                    statements.Add(new OutputStatement(token.Position, _expressions.ParseTuple()));
                    _tokens.Expect(TokenKind.VariableEnd, "'}}'");
                    break;
                default:
                    if (ends.Contains(_tokens.Current.Text) && _tokens.Current.Kind == TokenKind.Name)
                    {
                        _depth--;
                        return (new Block(statements.ToImmutable()), _tokens.Next().Text);
                    }

                    statements.Add(ParseStatement());
                    ExpectBlockEnd();
                    break;
            }
        }

        _depth--;
        return ends.Length == 0
            ? (new Block(statements.ToImmutable()), "")
            : throw _tokens.Error($"the block has no '{ends[^1]}'", opening);
    }

    private Statement ParseStatement()
    {
        var tag = _tokens.Expect(TokenKind.Name, "a statement");
        return tag.Text switch
        {
            "for" => ParseFor(tag.Position),
            "if" => ParseIf(tag.Position),
            "set" => ParseSet(tag.Position),
            "macro" => ParseMacro(tag.Position),
            "call" => ParseCall(tag.Position),
            "filter" => ParseFilter(tag.Position),
            "with" => ParseWith(tag.Position),
            "generation" => ParseGeneration(tag.Position),
            "break" when _loops > 0 => new BreakStatement(tag.Position),
            "continue" when _loops > 0 => new ContinueStatement(tag.Position),
            "break" or "continue" => throw _tokens.Error($"'{tag.Text}' outside of a loop", tag.Position),
            _ => throw _tokens.Error($"unknown or misplaced tag '{tag.Text}'", tag.Position),
        };
    }

    private void ExpectBlockEnd() => _tokens.Expect(TokenKind.BlockEnd, "'%}'");

    private ForStatement ParseFor(int position)
    {
        var target = ParseTarget(withNamespace: false);
        if (!_tokens.SkipName("in"))
        {
            throw _tokens.Unexpected("'in'");
        }

        var items = _expressions.ParseTuple(withConditions: false);
        var filter = _tokens.SkipName("if") ? _expressions.ParseExpression() : null;
        var isRecursive = _tokens.SkipName("recursive");
        ExpectBlockEnd();
        _loops++;
        var (body, end) = ParseBody(position, "else", "endfor");
        _loops--;
        Block? otherwise = null;
        if (end == "else")
        {
            ExpectBlockEnd();
            otherwise = ParseBody(position, "endfor").Body;
        }

        return new ForStatement(position, target, items, filter, body, otherwise, isRecursive);
    }

    private IfStatement ParseIf(int position)
    {
        var branches = ImmutableArray.CreateBuilder<(Expression, Block)>();
        string end;
        do
        {
            var condition = _expressions.ParseTuple(withConditions: false);
            ExpectBlockEnd();
            (var body, end) = ParseBody(position, "elif", "else", "endif");
            branches.Add((condition, body));
        }
        while (end == "elif");
        Block? otherwise = null;
        if (end == "else")
        {
            ExpectBlockEnd();
            otherwise = ParseBody(position, "endif").Body;
        }

        return new IfStatement(position, branches.ToImmutable(), otherwise);
    }

    private Statement ParseSet(int position)
    {
        var target = ParseTarget(withNamespace: true);
        if (_tokens.SkipOperator("="))
        {
            return new SetStatement(position, target, _expressions.ParseTuple());
        }

        var filter = _tokens.Current.IsOperator("|") ? _expressions.ParseFilters(null) : null;
        ExpectBlockEnd();
        return new SetBlockStatement(position, target, filter, ParseBody(position, "endset").Body);
    }

    private MacroStatement ParseMacro(int position)
    {
        var name = _tokens.Expect(TokenKind.Name, "the macro's name").Text;
        if (!_tokens.Current.IsOperator("("))
        {
            throw _tokens.Unexpected("'('");
        }

        return new MacroStatement(position, ParseMacroRest(name, position, "endmacro"));
    }

    private CallStatement ParseCall(int position)
    {
        // The parameters stand before the call, the body after it.
        var parameters = _tokens.Current.IsOperator("(") ? ParseParameters() : [];
        if (_expressions.ParseExpression() is not CallExpression call)
        {
            throw _tokens.Error("expected a call", position);
        }

        return new CallStatement(position, call, ParseMacroBody("caller", parameters, position, "endcall"));
    }

    private MacroDefinition ParseMacroRest(string name, int position, string end) =>
        ParseMacroBody(name, ParseParameters(), position, end);

    private MacroDefinition ParseMacroBody(string name, ImmutableArray<(string, Expression?)> parameters, int position, string end)
    {
        ExpectBlockEnd();
        var outer = (_expressions.NamesRead, _loops);
        (_expressions.NamesRead, _loops) = (new(StringComparer.Ordinal), 0);
        var body = ParseBody(position, end).Body;
        var read = _expressions.NamesRead;
        (_expressions.NamesRead, _loops) = outer;
        return new MacroDefinition(name, parameters, body)
        {
            ReadsPositionalRest = read.Contains("varargs"),
            ReadsNamedRest = read.Contains("kwargs"),
            ReadsCaller = read.Contains("caller"),
        };
    }

    private ImmutableArray<(string Name, Expression? Default)> ParseParameters()
    {
        _tokens.ExpectOperator("(");
        var parameters = ImmutableArray.CreateBuilder<(string, Expression?)>();
        while (!_tokens.SkipOperator(")"))
        {
            if (parameters.Count > 0)
            {
                _tokens.ExpectOperator(",");
            }

            var name = _tokens.Expect(TokenKind.Name, "a parameter's name").Text;
            parameters.Add((name, _tokens.SkipOperator("=") ? _expressions.ParseExpression() : null));
        }

        return parameters.ToImmutable();
    }

    private FilterStatement ParseFilter(int position)
    {
        var filter = _expressions.ParseFilters(null, startsWithName: true);
        ExpectBlockEnd();
        return new FilterStatement(position, filter, ParseBody(position, "endfilter").Body);
    }

    private ScopeStatement ParseWith(int position)
    {
        var values = ImmutableArray.CreateBuilder<(Target, Expression)>();
        while (_tokens.Current.Kind != TokenKind.BlockEnd)
        {
            if (values.Count > 0)
            {
                _tokens.ExpectOperator(",");
            }

            var target = ParseSingleTarget(withNamespace: false);
            _tokens.ExpectOperator("=");
            values.Add((target, _expressions.ParseExpression()));
        }

        ExpectBlockEnd();
        return new ScopeStatement(position, values.ToImmutable(), ParseBody(position, "endwith").Body);
    }

    private ScopeStatement ParseGeneration(int position)
    {
        ExpectBlockEnd();
        return new ScopeStatement(position, [], ParseBody(position, "endgeneration").Body);
    }

    private Target ParseTarget(bool withNamespace)
    {
        var position = _tokens.Current.Position;
        var first = ParseSingleTarget(withNamespace);
        if (!_tokens.Current.IsOperator(","))
        {
            return first;
        }

        var items = ImmutableArray.CreateBuilder<Target>();
        items.Add(first);
        while (_tokens.SkipOperator(",") && _tokens.Current is { Kind: TokenKind.Name, Text: not "in" } or { Kind: TokenKind.Operator, Text: "(" })
        {
            items.Add(ParseSingleTarget(withNamespace));
        }

        return new TupleTarget(position, items.ToImmutable());
    }

    private Target ParseSingleTarget(bool withNamespace)
    {
        var position = _tokens.Current.Position;
        if (_tokens.SkipOperator("("))
        {
            var inner = ParseTarget(withNamespace);
            _tokens.ExpectOperator(")");
            return inner;
        }

        var name = _tokens.Expect(TokenKind.Name, "a name to assign to").Text;
        if (name is "true" or "false" or "none" or "True" or "False" or "None")
        {
            throw _tokens.Error($"cannot assign to '{name}'", position);
        }

        return withNamespace && _tokens.SkipOperator(".")
            ? new NamespaceTarget(position, name, _tokens.Expect(TokenKind.Name, "a member's name").Text)
            : new NameTarget(position, name);
    }
}
