using System.Collections.Immutable;

namespace Connector.Templates.Jinja;

/// <summary>A node of a parsed template; <paramref name="Position"/> is where it starts in the source.</summary>
internal abstract record Node(int Position);

internal abstract record Expression(int Position) : Node(Position);

internal sealed record LiteralExpression(int Position, JinjaValue Value) : Expression(Position);

internal sealed record NameExpression(int Position, string Name) : Expression(Position);

internal sealed record ListExpression(int Position, ImmutableArray<Expression> Items) : Expression(Position);

internal sealed record TupleExpression(int Position, ImmutableArray<Expression> Items) : Expression(Position);

internal sealed record DictionaryExpression(int Position, ImmutableArray<(Expression Key, Expression Value)> Entries) : Expression(Position);

/// <summary><c>a.b</c>: a member, else an item.</summary>
internal sealed record MemberExpression(int Position, Expression Target, string Name) : Expression(Position);

/// <summary><c>a[b]</c>: an item, else a member.</summary>
internal sealed record ItemExpression(int Position, Expression Target, Expression Index) : Expression(Position);

internal sealed record SliceExpression(int Position, Expression? Start, Expression? Stop, Expression? Step) : Expression(Position);

internal sealed record CallExpression(int Position, Expression Target, ArgumentList Arguments) : Expression(Position);

/// <summary><c>a | f(…)</c>; without a target inside a filter block, where the target is the block's text.</summary>
internal sealed record FilterExpression(int Position, Expression? Target, string Name, ArgumentList Arguments) : Expression(Position);

internal sealed record TestExpression(int Position, Expression Target, string Name, ArgumentList Arguments) : Expression(Position);

internal sealed record UnaryExpression(int Position, UnaryOperator Operator, Expression Operand) : Expression(Position);

internal sealed record BinaryExpression(int Position, BinaryOperator Operator, Expression Left, Expression Right) : Expression(Position);

internal sealed record ConcatExpression(int Position, ImmutableArray<Expression> Items) : Expression(Position);

/// <summary>A chain <c>a &lt; b &lt; c</c>, every operand evaluated once.</summary>
internal sealed record CompareExpression(int Position, Expression First, ImmutableArray<(CompareOperator Operator, Expression Operand)> Rest) : Expression(Position);

internal sealed record AndExpression(int Position, Expression Left, Expression Right) : Expression(Position);

internal sealed record OrExpression(int Position, Expression Left, Expression Right) : Expression(Position);

internal sealed record ConditionalExpression(int Position, Expression Condition, Expression Then, Expression? Else) : Expression(Position);

internal sealed record ArgumentList(
    ImmutableArray<Expression> Positional,
    ImmutableArray<(string Name, Expression Value)> Named,
    Expression? Spread,
    Expression? NamedSpread)
{
    public static ArgumentList Empty { get; } = new([], [], null, null);
}

internal enum UnaryOperator
{
    Not,
    Negate,
    Plus,
}

internal enum BinaryOperator
{
    Add,
    Subtract,
    Multiply,
    Divide,
    FloorDivide,
    Modulo,
    Power,
}

internal enum CompareOperator
{
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    In,
    NotIn,
}

internal abstract record Statement(int Position) : Node(Position);

internal sealed record TextStatement(int Position, JinjaString Text) : Statement(Position);

internal sealed record OutputStatement(int Position, Expression Value) : Statement(Position);

internal sealed record IfStatement(int Position, ImmutableArray<(Expression Condition, Block Body)> Branches, Block? Else) : Statement(Position);

internal sealed record ForStatement(
    int Position,
    Target Target,
    Expression Items,
    Expression? Filter,
    Block Body,
    Block? Else,
    bool IsRecursive) : Statement(Position);

internal sealed record SetStatement(int Position, Target Target, Expression Value) : Statement(Position);

internal sealed record SetBlockStatement(int Position, Target Target, Expression? Filter, Block Body) : Statement(Position);

internal sealed record MacroStatement(int Position, MacroDefinition Macro) : Statement(Position);

internal sealed record CallStatement(int Position, CallExpression Call, MacroDefinition Caller) : Statement(Position);

internal sealed record FilterStatement(int Position, Expression Filter, Block Body) : Statement(Position);

/// <summary>A body in a scope of its own: <c>with</c> and <c>generation</c>.</summary>
internal sealed record ScopeStatement(int Position, ImmutableArray<(Target Target, Expression Value)> Values, Block Body) : Statement(Position);

internal sealed record BreakStatement(int Position) : Statement(Position);

internal sealed record ContinueStatement(int Position) : Statement(Position);

internal sealed record Block(ImmutableArray<Statement> Statements);

internal sealed record MacroDefinition(string Name, ImmutableArray<(string Name, Expression? Default)> Parameters, Block Body)
{
    /// <summary>Names beyond the parameters that the body reads and a call may therefore fill.</summary>
    public required bool ReadsPositionalRest { get; init; }

    public required bool ReadsNamedRest { get; init; }

    public required bool ReadsCaller { get; init; }
}

/// <summary>What may be assigned to.</summary>
internal abstract record Target(int Position);

internal sealed record NameTarget(int Position, string Name) : Target(Position);

internal sealed record NamespaceTarget(int Position, string Namespace, string Member) : Target(Position);

internal sealed record TupleTarget(int Position, ImmutableArray<Target> Items) : Target(Position);
