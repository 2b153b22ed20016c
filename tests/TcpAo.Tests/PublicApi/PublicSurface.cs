using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;

namespace TcpAo.Tests.PublicApi;

/// <summary>
/// Writes what an assembly offers to others as lines like C#'s, in an order that depends on nothing but the names. Members that the
/// compiler makes for a record are left out; the word <c>record</c> stands for them.
/// </summary>
internal static class PublicSurface
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly SignatureText s_signatures = new();

    public static string Describe(Assembly assembly)
    {
        StringBuilder text = new();
        IEnumerable<Type> types = assembly.GetTypes().Where(IsVisible).OrderBy(type => type.FullName, StringComparer.Ordinal);
        foreach (IGrouping<string, Type> space in types.GroupBy(type => type.Namespace ?? "", StringComparer.Ordinal).OrderBy(space => space.Key, StringComparer.Ordinal))
        {
            text.Append(text.Length == 0 ? "" : "\n").Append("namespace ").Append(space.Key).Append(";\n");
            foreach (Type type in space)
            {
                Describe(type, text);
            }
        }

        return text.ToString();
    }

    private static bool IsVisible(Type type) =>
        type.IsPublic || ((type.IsNestedPublic || type.IsNestedFamily || type.IsNestedFamORAssem) && IsVisible(type.DeclaringType!));

    private static bool IsVisible(MethodBase? method) => method is not null && (method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly);

    private static bool IsGenerated(MemberInfo member) => member.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false);

    private static void Describe(Type type, StringBuilder text)
    {
        text.Append('\n').Append(Declaration(type)).Append('\n');
        if (typeof(Delegate).IsAssignableFrom(type))
        {
            return;
        }

        IEnumerable<string> members = type.IsEnum
            ? EnumMembers(type)
            : Members(type).OrderBy(one => one.Rank).ThenBy(one => one.Name, StringComparer.Ordinal).ThenBy(one => one.Line, StringComparer.Ordinal).Select(one => one.Line);
        foreach (string member in members)
        {
            text.Append("    ").Append(member).Append('\n');
        }
    }

    private static string Declaration(Type type)
    {
        string access = type.IsPublic || type.IsNestedPublic ? "public" : "protected";
        if (typeof(Delegate).IsAssignableFrom(type))
        {
            MethodInfo invoke = type.GetMethod("Invoke")!;
            return $"{access} delegate {s_signatures.Return(invoke)} {SignatureText.Declared(type)}({s_signatures.Parameters(invoke)})";
        }

        if (type.IsEnum)
        {
            string flags = type.IsDefined(typeof(FlagsAttribute), inherit: false) ? "[Flags] " : "";
            return $"{flags}{access} enum {SignatureText.Declared(type)} : {SignatureText.Name(Enum.GetUnderlyingType(type))}";
        }

        IEnumerable<string> bases = type.BaseType is { } parent && parent != typeof(object) && parent != typeof(ValueType) ? [SignatureText.Name(parent)] : [];
        bases = [.. bases, .. Interfaces(type)];
        string inherits = bases.Any() ? $" : {string.Join(", ", bases)}" : "";
        return $"{access} {Kind(type)} {SignatureText.Declared(type)}{inherits}{SignatureText.Constraints(type.GetGenericArguments())}";
    }

    private static string Kind(Type type)
    {
        if (type.IsInterface)
        {
            return "interface";
        }

        string record = IsRecord(type) ? "record " : "";
        if (type.IsValueType)
        {
            string readOnly = type.IsDefined(typeof(IsReadOnlyAttribute), inherit: false) ? "readonly " : "";
            return $"{readOnly}{(type.IsByRefLike ? "ref " : "")}{record}struct";
        }

        string kind = type switch
        {
            { IsAbstract: true, IsSealed: true } => "static ",
            { IsAbstract: true } => "abstract ",
            { IsSealed: true } => "sealed ",
            _ => "",
        };
        return kind + (record.Length > 0 ? "record" : "class");
    }

    private static bool IsRecord(Type type) => type.GetMethod("PrintMembers", Declared) is { } print && IsGenerated(print);

    /// <summary>The interfaces that a type itself adds, in order; a record's equality is part of the word.</summary>
    private static IEnumerable<string> Interfaces(Type type)
    {
        HashSet<Type> inherited = [.. type.BaseType?.GetInterfaces() ?? []];
        Type[] all = type.GetInterfaces();
        inherited.UnionWith(all.SelectMany(one => one.GetInterfaces()));
        return all
            .Where(one => !inherited.Contains(one) && IsVisible(one) && !(IsRecord(type) && one.Name is "IEquatable`1"))
            .Select(SignatureText.Name)
            .Order(StringComparer.Ordinal);
    }

    private static IEnumerable<string> EnumMembers(Type type) =>
        type.GetFields(BindingFlags.Public | BindingFlags.Static)
            .Select(field => (field.Name, Value: Convert.ToDecimal(field.GetRawConstantValue(), CultureInfo.InvariantCulture)))
            .OrderBy(member => member.Value)
            .ThenBy(member => member.Name, StringComparer.Ordinal)
            .Select(member => $"{member.Name} = {member.Value.ToString(CultureInfo.InvariantCulture)}");

    /// <summary>The members, each with what it is sorted by: fields first, then what makes an object, what it shows and what it does.</summary>
    private static IEnumerable<(int Rank, string Name, string Line)> Members(Type type)
    {
        foreach (MemberInfo member in type.GetMembers(Declared).Where(member => !IsGenerated(member)))
        {
            (int rank, string? line) = member switch
            {
                FieldInfo field when field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly => (0, Field(field)),
                ConstructorInfo made when IsVisible(made) && !made.IsStatic => (1, $"{Access(made)} {type.Name.Split('`')[0]}({s_signatures.Parameters(made)})"),
                PropertyInfo property when IsVisible(property.GetMethod) || IsVisible(property.SetMethod) => (2, Property(property)),
                EventInfo happening when IsVisible(happening.AddMethod) => (3, $"{Access(happening.AddMethod!)} event {s_signatures.Type(happening)} {happening.Name}"),
                MethodInfo method when IsVisible(method) && !method.IsSpecialName => (4, Method(method)),
                MethodInfo method when IsVisible(method) && method.Name.StartsWith("op_", StringComparison.Ordinal) => (5, Method(method)),
                _ => default((int, string?)),
            };
            if (line is not null)
            {
                yield return (rank, member.Name, (member.IsDefined(typeof(ObsoleteAttribute), inherit: false) ? "[Obsolete] " : "") + line);
            }
        }
    }

    private static string Field(FieldInfo field)
    {
        string access = field.IsPublic ? "public" : "protected";
        string kind = field.IsLiteral ? " const" : (field.IsStatic ? " static" : "") + (field.IsInitOnly ? " readonly" : "");
        string value = field.IsLiteral ? $" = {SignatureText.Literal(field.GetRawConstantValue())}" : "";
        return $"{access}{kind} {s_signatures.Type(field)} {field.Name}{value}";
    }

    private static string Property(PropertyInfo property)
    {
        MethodInfo main = IsVisible(property.GetMethod) ? property.GetMethod! : property.SetMethod!;
        string required = property.IsDefined(typeof(RequiredMemberAttribute), inherit: false) ? "required " : "";
        ParameterInfo[] index = property.GetIndexParameters();
        string name = index.Length == 0 ? property.Name : $"this[{s_signatures.Parameters(index)}]";
        string get = IsVisible(property.GetMethod) ? "get; " : "";
        string set = "";
        if (IsVisible(property.SetMethod))
        {
            bool isInit = property.SetMethod!.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit));
            string access = string.Equals(Access(property.SetMethod), Access(main), StringComparison.Ordinal) ? "" : Access(property.SetMethod) + " ";
            set = $"{access}{(isInit ? "init" : "set")}; ";
        }

        return $"{Access(main)} {required}{s_signatures.Type(property)} {name} {{ {get}{set}}}";
    }

    private static string Method(MethodInfo method) =>
        $"{Access(method)} {s_signatures.Return(method)} {MethodName(method)}({s_signatures.Parameters(method)}){SignatureText.Constraints(method.IsGenericMethod ? method.GetGenericArguments() : [])}";

    private static string MethodName(MethodInfo method) => method switch
    {
        { IsSpecialName: true } => $"operator {method.Name["op_".Length..]}",
        { IsGenericMethod: true } => $"{method.Name}<{string.Join(", ", method.GetGenericArguments().Select(argument => argument.Name))}>",
        _ => method.Name,
    };

    private static string Access(MethodBase method)
    {
        string access = method.IsPublic ? "public" : "protected";
        if (method.DeclaringType!.IsInterface && !method.IsStatic)
        {
            return access;
        }

        string kind = method switch
        {
            { IsStatic: true, IsAbstract: true } => " static abstract",
            { IsStatic: true } => " static",
            { IsAbstract: true } => " abstract",
            MethodInfo { IsVirtual: true } derived when derived.GetBaseDefinition() != derived => derived.IsFinal ? " sealed override" : " override",
            { IsVirtual: true, IsFinal: false } => " virtual",
            _ => "",
        };
        bool isReadOnly = method.DeclaringType.IsValueType && !method.DeclaringType.IsDefined(typeof(IsReadOnlyAttribute), inherit: false) && method.IsDefined(typeof(IsReadOnlyAttribute), inherit: false);
        return access + kind + (isReadOnly ? " readonly" : "");
    }
}
