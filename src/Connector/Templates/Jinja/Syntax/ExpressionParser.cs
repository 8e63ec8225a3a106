using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Text;

namespace Connector.Templates.Jinja;

/// <summary>Parses expressions; the methods go from the loosest operator to the tightest.</summary>
internal sealed partial class ExpressionParser(TokenStream tokens)
{
    private const int MaxDepth = 200;

    private int _depth;

    /// <summary>Names read since the last time someone emptied the set; a macro wants to know what its body reads.</summary>
    public HashSet<string> NamesRead { get; set; } = new(StringComparer.Ordinal);

    public Expression ParseExpression()
    {
        if (++_depth > MaxDepth || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw tokens.Error("the expression nests too deeply", tokens.Current.Position);
        }

        var position = tokens.Current.Position;
        var value = ParseOr();
        while (tokens.SkipName("if"))
        {
            var condition = ParseOr();
            value = new ConditionalExpression(position, condition, value, tokens.SkipName("else") ? ParseExpression() : null);
        }

        _depth--;
        return value;
    }

    /// <summary>An expression, or a tuple of several separated by commas without parentheses.</summary>
    /// <param name="withConditions">Whether <c>a if b</c> is part of it; after <c>for x in</c> it is not.</param>
    public Expression ParseTuple(bool withConditions = true)
    {
        var position = tokens.Current.Position;
        var first = withConditions ? ParseExpression() : ParseOr();
        if (!tokens.Current.IsOperator(","))
        {
            return first;
        }

        var items = ImmutableArray.CreateBuilder<Expression>();
        items.Add(first);
        while (tokens.SkipOperator(",") && !IsTupleEnd())
        {
            items.Add(withConditions ? ParseExpression() : ParseOr());
        }

        return new TupleExpression(position, items.ToImmutable());
    }

    private Expression ParseOr()
    {
        var left = ParseAnd();
        while (tokens.Current.IsName("or"))
        {
            var position = tokens.Next().Position;
            left = new OrExpression(position, left, ParseAnd());
        }

        return left;
    }

    /// <summary>A chain of filters; without a target it begins with a filter's name, as in a filter block.</summary>
    public Expression ParseFilters(Expression? target, bool startsWithName = false)
    {
        var node = target;
        while (startsWithName || tokens.SkipOperator("|"))
        {
            startsWithName = false;
            var name = ParseDottedName("a filter's name");
            node = new FilterExpression(name.Position, node, name.Text, tokens.Current.IsOperator("(") ? ParseArguments() : ArgumentList.Empty);
        }

        return node!;
    }

    private bool IsTupleEnd() =>
        tokens.Current.Kind is TokenKind.VariableEnd or TokenKind.BlockEnd || tokens.Current.IsOperator(")") || tokens.Current.IsName("recursive");

    private Expression ParseAnd()
    {
        var left = ParseNot();
        while (tokens.Current.IsName("and"))
        {
            var position = tokens.Next().Position;
            left = new AndExpression(position, left, ParseNot());
        }

        return left;
    }

    private Expression ParseNot()
    {
        var negations = new Stack<int>();
        while (tokens.Current.IsName("not"))
        {
            negations.Push(tokens.Next().Position);
        }

        var value = ParseCompare();
        while (negations.TryPop(out var position))
        {
            value = new UnaryExpression(position, UnaryOperator.Not, value);
        }

        return value;
    }

    private Expression ParseCompare()
    {
        var position = tokens.Current.Position;
        var first = ParseSum();
        var rest = ImmutableArray.CreateBuilder<(CompareOperator, Expression)>();
        while (TryReadComparison(out var op))
        {
            rest.Add((op, ParseSum()));
        }

        return rest.Count == 0 ? first : new CompareExpression(position, first, rest.ToImmutable());
    }

    private bool TryReadComparison(out CompareOperator op)
    {
        if (tokens.Current.IsName("not") && tokens.Following.IsName("in"))
        {
            tokens.Next();
            tokens.Next();
            op = CompareOperator.NotIn;
            return true;
        }

        CompareOperator? found = tokens.Current switch
        {
            { Kind: TokenKind.Name, Text: "in" } => CompareOperator.In,
            { Kind: TokenKind.Operator, Text: var text } => text switch
            {
                "==" => CompareOperator.Equal,
                "!=" => CompareOperator.NotEqual,
                "<" => CompareOperator.Less,
                "<=" => CompareOperator.LessOrEqual,
                ">" => CompareOperator.Greater,
                ">=" => CompareOperator.GreaterOrEqual,
                _ => null,
            },
            _ => null,
        };
        op = found.GetValueOrDefault();
        if (found is not null)
        {
            tokens.Next();
        }

        return found is not null;
    }

    private Expression ParseSum()
    {
        var left = ParseConcat();
        while (tokens.Current is { Kind: TokenKind.Operator, Text: "+" or "-" })
        {
            var token = tokens.Next();
            left = new BinaryExpression(token.Position, token.Text == "+" ? BinaryOperator.Add : BinaryOperator.Subtract, left, ParseConcat());
        }

        return left;
    }

    private Expression ParseConcat()
    {
        var position = tokens.Current.Position;
        var first = ParseProduct();
        if (!tokens.Current.IsOperator("~"))
        {
            return first;
        }

        var items = ImmutableArray.CreateBuilder<Expression>();
        items.Add(first);
        while (tokens.SkipOperator("~"))
        {
            items.Add(ParseProduct());
        }

        return new ConcatExpression(position, items.ToImmutable());
    }

    private Expression ParseProduct()
    {
        var left = ParsePower();
        while (tokens.Current is { Kind: TokenKind.Operator, Text: "*" or "/" or "//" or "%" })
        {
            var token = tokens.Next();
            var op = token.Text switch
            {
                "*" => BinaryOperator.Multiply,
                "/" => BinaryOperator.Divide,
                "//" => BinaryOperator.FloorDivide,
                _ => BinaryOperator.Modulo,
            };
            left = new BinaryExpression(token.Position, op, left, ParsePower());
        }

        return left;
    }

    private Expression ParsePower()
    {
        var left = ParseUnary();
        while (tokens.Current.IsOperator("**"))
        {
            var position = tokens.Next().Position;
            left = new BinaryExpression(position, BinaryOperator.Power, left, ParseUnary());
        }

        return left;
    }

    private Expression ParseUnary(bool withFilters = true)
    {
        var token = tokens.Current;
        Expression value;
        if (token is { Kind: TokenKind.Operator, Text: "-" or "+" })
        {
            tokens.Next();
            if (++_depth > MaxDepth)
            {
                throw tokens.Error("the expression nests too deeply", token.Position);
            }

            value = new UnaryExpression(token.Position, token.Text == "-" ? UnaryOperator.Negate : UnaryOperator.Plus, ParseUnary(withFilters: false));
            _depth--;
        }
        else
        {
            value = ParsePrimary();
        }

        value = ParsePostfix(value);
        return withFilters ? ParseFiltersAndTests(value) : value;
    }

    private Expression ParseFiltersAndTests(Expression value)
    {
        while (true)
        {
            if (tokens.Current.IsOperator("|"))
            {
                value = ParseFilters(value);
            }
            else if (tokens.Current.IsName("is"))
            {
                value = ParseTest(value);
            }
            else if (tokens.Current.IsOperator("("))
            {
                value = new CallExpression(tokens.Current.Position, value, ParseArguments());
            }
            else
            {
                return value;
            }
        }
    }

    private Expression ParseTest(Expression target)
    {
        var position = tokens.Next().Position;
        var negated = tokens.SkipName("not");
        var name = ParseDottedName("a test's name").Text;
        var arguments = ArgumentList.Empty;
        if (tokens.Current.IsOperator("("))
        {
            arguments = ParseArguments();
        }
        else if (StartsTestArgument())
        {
            arguments = new ArgumentList([ParsePostfix(ParsePrimary())], [], null, null);
        }

        Expression test = new TestExpression(position, target, name, arguments);
        return negated ? new UnaryExpression(position, UnaryOperator.Not, test) : test;
    }

    private bool StartsTestArgument() => tokens.Current switch
    {
        { Kind: TokenKind.String or TokenKind.Integer or TokenKind.Float } => true,
        { Kind: TokenKind.Operator, Text: "[" or "{" } => true,
        { Kind: TokenKind.Name, Text: "is" } => throw tokens.Error("tests cannot be chained with 'is'", tokens.Current.Position),
        { Kind: TokenKind.Name, Text: not ("else" or "or" or "and") } => true,
        _ => false,
    };

    private TemplateToken ParseDottedName(string what)
    {
        var name = tokens.Expect(TokenKind.Name, what);
        var text = new StringBuilder(name.Text);
        while (tokens.SkipOperator("."))
        {
            text.Append('.').Append(tokens.Expect(TokenKind.Name, what).Text);
        }

        return name with { Text = text.ToString() };
    }
}
