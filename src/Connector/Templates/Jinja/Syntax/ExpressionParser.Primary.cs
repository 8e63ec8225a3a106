using System.Collections.Immutable;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace Connector.Templates.Jinja;

/// <content>What operators work on: literals, names, collections, members and calls.</content>
internal sealed partial class ExpressionParser
{
    private Expression ParsePrimary()
    {
        var token = tokens.Current;
        switch (token.Kind)
        {
            case TokenKind.Name:
                tokens.Next();
                return ParseName(token);
            case TokenKind.String:
                var text = new StringBuilder();
                while (tokens.Current.Kind == TokenKind.String)
                {
                    text.Append(tokens.Next().Text);
                }

                return new LiteralExpression(token.Position, JinjaString.Template(text.ToString()));
            case TokenKind.Integer:
                tokens.Next();
                return new LiteralExpression(token.Position, new JinjaInteger(ParseInteger(token)));
            case TokenKind.Float:
                tokens.Next();
                return new LiteralExpression(token.Position, new JinjaFloat(double.Parse(token.Text, CultureInfo.InvariantCulture)));
            case TokenKind.Operator when token.Text == "(":
                return ParseParentheses();
            case TokenKind.Operator when token.Text == "[":
                tokens.Next();
                return new ListExpression(token.Position, ParseItems("]"));
            case TokenKind.Operator when token.Text == "{":
                return ParseDictionary();
            default:
                throw tokens.Unexpected("an expression");
        }
    }

    private Expression ParseName(TemplateToken token)
    {
        JinjaValue? constant = token.Text switch
        {
            "true" or "True" => JinjaBoolean.True,
            "false" or "False" => JinjaBoolean.False,
            "none" or "None" => JinjaNone.Instance,
            _ => null,
        };
        if (constant is not null)
        {
            return new LiteralExpression(token.Position, constant);
        }

        NamesRead.Add(token.Text);
        return new NameExpression(token.Position, token.Text);
    }

    private BigInteger ParseInteger(TemplateToken token)
    {
        var digits = token.Text;
        var radix = digits.Length > 1 ? char.ToLowerInvariant(digits[1]) : ' ';
        try
        {
            return radix switch
            {
                'x' => BigInteger.Parse("0" + digits[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture),
                'b' => BigInteger.Parse("0" + digits[2..], NumberStyles.AllowBinarySpecifier, CultureInfo.InvariantCulture),
                'o' => digits[2..].Aggregate(BigInteger.Zero, (n, d) => d <= '7' ? (n * 8) + (d - '0') : throw new FormatException()),
                _ => BigInteger.Parse(digits, CultureInfo.InvariantCulture),
            };
        }
        catch (FormatException)
        {
            throw tokens.Error($"'{digits}' is no integer", token.Position);
        }
    }

    private Expression ParseParentheses()
    {
        var position = tokens.Next().Position;
        if (tokens.SkipOperator(")"))
        {
            return new TupleExpression(position, []);
        }

        var value = ParseTuple();
        tokens.ExpectOperator(")");
        return value;
    }

    private ImmutableArray<Expression> ParseItems(string end)
    {
        var items = ImmutableArray.CreateBuilder<Expression>();
        while (!tokens.SkipOperator(end))
        {
            if (items.Count > 0)
            {
                tokens.ExpectOperator(",");
                if (tokens.SkipOperator(end))
                {
                    break;
                }
            }

            items.Add(ParseExpression());
        }

        return items.ToImmutable();
    }

    private DictionaryExpression ParseDictionary()
    {
        var position = tokens.Next().Position;
        var entries = ImmutableArray.CreateBuilder<(Expression, Expression)>();
        while (!tokens.SkipOperator("}"))
        {
            if (entries.Count > 0)
            {
                tokens.ExpectOperator(",");
                if (tokens.SkipOperator("}"))
                {
                    break;
                }
            }

            var key = ParseExpression();
            tokens.ExpectOperator(":");
            entries.Add((key, ParseExpression()));
        }

        return new DictionaryExpression(position, entries.ToImmutable());
    }

    private Expression ParsePostfix(Expression value)
    {
        while (true)
        {
            var position = tokens.Current.Position;
            if (tokens.SkipOperator("."))
            {
                var member = tokens.Next();
                value = member.Kind switch
                {
                    TokenKind.Name => new MemberExpression(position, value, member.Text),
                    TokenKind.Integer => new ItemExpression(position, value, new LiteralExpression(member.Position, new JinjaInteger(ParseInteger(member)))),
                    _ => throw tokens.Error("expected a name or a number after '.'", member.Position),
                };
            }
            else if (tokens.SkipOperator("["))
            {
                value = new ItemExpression(position, value, ParseSubscript());
            }
            else if (tokens.Current.IsOperator("("))
            {
                value = new CallExpression(position, value, ParseArguments());
            }
            else
            {
                return value;
            }
        }
    }

    private Expression ParseSubscript()
    {
        var position = tokens.Current.Position;
        var items = ImmutableArray.CreateBuilder<Expression>();
        do
        {
            items.Add(ParseIndexOrSlice());
        }
        while (tokens.SkipOperator(","));
        tokens.ExpectOperator("]");
        return items.Count == 1 ? items[0] : new TupleExpression(position, items.ToImmutable());
    }

    private Expression ParseIndexOrSlice()
    {
        var position = tokens.Current.Position;
        var start = tokens.Current.IsOperator(":") ? null : ParseExpression();
        if (!tokens.SkipOperator(":"))
        {
            return start!;
        }

        var stop = EndsSlicePart() ? null : ParseExpression();
        var step = tokens.SkipOperator(":") && !EndsSlicePart() ? ParseExpression() : null;
        return new SliceExpression(position, start, stop, step);
    }

    private bool EndsSlicePart() => tokens.Current is { Kind: TokenKind.Operator, Text: ":" or "]" or "," };

    private ArgumentList ParseArguments()
    {
        var position = tokens.Next().Position;
        var positional = ImmutableArray.CreateBuilder<Expression>();
        var named = ImmutableArray.CreateBuilder<(string, Expression)>();
        Expression? spread = null;
        Expression? namedSpread = null;
        var isFirst = true;
        while (!tokens.SkipOperator(")"))
        {
            if (!isFirst)
            {
                tokens.ExpectOperator(",");
                if (tokens.SkipOperator(")"))
                {
                    break;
                }
            }

            isFirst = false;
            if (tokens.SkipOperator("*"))
            {
                spread = Once(spread, position);
            }
            else if (tokens.SkipOperator("**"))
            {
                namedSpread = Once(namedSpread, position);
            }
            else if (tokens.Current.Kind == TokenKind.Name && tokens.Following.IsOperator("="))
            {
                var name = tokens.Next().Text;
                tokens.Next();
                named.Add((name, ParseExpression()));
            }
            else if (spread is null && namedSpread is null && named.Count == 0)
            {
                positional.Add(ParseExpression());
            }
            else
            {
                throw tokens.Error("a positional argument follows a named one", tokens.Current.Position);
            }
        }

        return new ArgumentList(positional.ToImmutable(), named.ToImmutable(), spread, namedSpread);
    }

    private Expression Once(Expression? before, int position) =>
        before is null ? ParseExpression() : throw tokens.Error("arguments are spread twice", position);
}
